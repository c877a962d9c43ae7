"""Runs the safety simulator on a database of its own: invented lives, simulated years, a judge."""

import os
import tempfile
from pathlib import Path

import click
import flask_migrate
from sqlalchemy.orm import close_all_sessions

from casework import create_app
from casework.commands.processes import ChildFailed
from casework.commands.servers import (
    APP,
    OWNER,
    READER,
    Servers,
    ServersMissing,
    create_database,
    create_roles,
    embedded,
)
from casework.config import Settings, read_settings
from casework.extensions import db
from casework.simulation.arithmetic import Sums, judge_arithmetic
from casework.simulation.judge import Violation
from casework.simulation.run import Report, simulate
from casework.vault import fresh_ring, write_new_file

DATABASE = "casework_simulation"
MOST_SHOWN = 20


@click.command("simulate")
@click.option("--years", default=5, show_default=True, type=click.IntRange(1, 50))
@click.option("--cases", default=100, show_default=True, type=click.IntRange(0))
@click.option("--seed", default=211, show_default=True, type=int)
@click.option(
    "--call-backs",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Judge so many more by arithmetic alone, without a database.",
)
@click.option(
    "--pages",
    default=0.03,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="How many of the calls also look at the real pages.",
)
def simulate_command(years: int, cases: int, seed: int, call_backs: int, pages: float) -> None:
    """Simulate years of call-backs with invented people, and judge everything that is shown.

    It starts servers and makes a database and keys of its own, uses none that it is given, and
    leaves nothing behind. Ends with 1 when anything was shown that must never be.
    """
    if os.environ.get("CASEWORK_ENV") == "production":
        raise click.ClickException(
            "Simulated time never runs where real people are called: this is production."
        )
    violations: list[Violation] = []
    if cases:
        report = _simulate(years, cases, seed, pages)
        _tell_report(report)
        violations += report.violations
    if call_backs:
        sums = judge_arithmetic(seed, call_backs, years)
        _tell_sums(sums)
        violations += sums.violations
    for violation in violations[:MOST_SHOWN]:
        click.echo(f"  {violation}")
    click.echo(f"{len(violations)} violations" if violations else "No violation.")
    if violations:
        raise SystemExit(1)


def _simulate(years: int, cases: int, seed: int, pages: float) -> Report:
    """Run the full form on servers in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="casework-simulation-") as made:
        folder = Path(made)
        folder.chmod(0o711)  # the servers may run as another user, who must reach their part
        try:
            with embedded(folder, durable=False) as servers:
                create_roles(servers)
                create_database(servers, DATABASE)
                app = create_app(_settings(servers, folder))
                with app.app_context():
                    flask_migrate.upgrade()
                    try:
                        return simulate(
                            app,
                            seed=seed,
                            years=years,
                            cases=cases,
                            share_of_pages=pages,
                            say=lambda text: click.echo(f"==> {text}", err=True),
                        )
                    finally:
                        close_all_sessions()
                        for engine in db.engines.values():
                            engine.dispose()
        except (ChildFailed, ServersMissing) as error:
            raise click.ClickException(str(error)) from None


def _settings(servers: Servers, folder: Path) -> Settings:
    """Give settings that lead to these servers and nowhere else: no mail leaves, no key is real."""
    ring = folder / "keyring.json"
    write_new_file(ring, fresh_ring())
    return read_settings(
        {
            "CASEWORK_ENV": "test",
            "SECRET_KEY": "simulation-only-" + "s" * 32,
            "CASEWORK_KEYS": f"file:{ring}",
            "DATABASE_URL": servers.url(APP, DATABASE),
            "MIGRATION_DATABASE_URL": servers.url(OWNER, DATABASE),
            "READER_DATABASE_URL": servers.url(READER, DATABASE),
            "REDIS_URL": servers.redis_url,
            "MAIL_URL": "memory:",
            "LOG_LEVEL": "CRITICAL",
        }
    )


def _tell_report(report: Report) -> None:
    click.echo(
        f"{report.cases} cases over {report.years} years, seed {report.seed}:"
        f" {report.call_backs} call-backs in {report.seconds:.0f} s"
        f" ({report.call_backs / max(report.seconds, 0.001):.1f}/s)"
    )
    click.echo("What happened:")
    for name, number in report.happened.items():
        click.echo(f"  {number:>8}  {name}")
    _tell_judged(report.judged)


def _tell_sums(sums: Sums) -> None:
    number = sums.judged["call-back"]
    click.echo(
        f"{number} call-backs by arithmetic alone in {sums.seconds:.0f} s"
        f" ({number / max(sums.seconds, 0.001):.0f}/s)"
    )
    _tell_judged(dict(sorted(sums.judged.items())))


def _tell_judged(judged: dict[str, int]) -> None:
    click.echo("What was judged:")
    for name, number in judged.items():
        click.echo(f"  {number:>8}  {name}")
