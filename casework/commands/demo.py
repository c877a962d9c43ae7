"""The whole application on one machine: private servers, web, worker and beat, started and stopped together."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from pathlib import Path

import click

from casework.commands.preparation import (
    CASEWORK,
    ROOT,
    environment,
    fill_database,
    has_no_tables,
    note_settings,
    prepare_database,
    prepare_keys,
    reset,
    say,
)
from casework.commands.processes import ChildFailed
from casework.commands.servers import ServersBusy, ServersMissing, embedded
from casework.commands.supervisor import StopRequested, Supervisor, run, stopping_on_signals

SECONDS_TO_GET_READY = 90
_GIVEN = ("DATABASE_URL", "MIGRATION_DATABASE_URL")


def check_port(host: str, port: int) -> None:
    """Raise one clear sentence when somebody else listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} cannot be used ({error.strerror}). Choose another one: make demo PORT={port + 1}"
            ) from None


def start_processes(supervisor: Supervisor, *, host: str, port: int, folder: Path) -> None:
    """Start web, worker and beat."""
    python = sys.executable
    say("Starting web, worker and beat")
    supervisor.start(
        "web",
        # No access log: a partner's link must not be written down anywhere.
        [python, "-m", "gunicorn", "--bind", f"{host}:{port}", "--workers", "2", "--threads", "4",
         "--graceful-timeout", "5", "--no-control-socket", "app:app"],
    )  # fmt: skip
    celery = [python, "-m", "celery", "-A", "celery_worker"]
    supervisor.start(
        "worker",
        [
            *celery,
            "worker",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
            "--loglevel",
            "INFO",
        ],
    )
    (folder / "beat").mkdir(exist_ok=True)
    schedule = folder / "beat" / "schedule"
    supervisor.start(
        "beat", [*celery, "beat", "--schedule", schedule, "--pidfile=", "--loglevel", "INFO"]
    )


def asks(host: str, port: int, path: str) -> tuple[int, str]:
    """Return the status and the text our own web server gives for a path; 0 when it does not answer."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(2000).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException):
        return 0, "no answer"
    finally:
        connection.close()


def wait_until_ready(supervisor: Supervisor, host: str, port: int) -> None:
    """Return when /readyz answers 200; raises ChildFailed when a process ends before, or time is up."""
    say("Waiting until every part answers (/readyz)")
    deadline = time.monotonic() + SECONDS_TO_GET_READY
    while True:
        supervisor.check()
        status, text = asks(host, port, "/readyz")
        if status == 200:
            return
        if time.monotonic() > deadline:
            raise ChildFailed(
                f"/readyz still answers {status or 'nothing'} after {SECONDS_TO_GET_READY} s: {text}"
            )
        time.sleep(0.5)


def launch(folder: Path, host: str, port: int, cases: int) -> None:
    """Run the demo until somebody stops it or one of its processes ends."""
    given = {name: value for name, value in os.environ.items() if value}
    if bool(given.get(_GIVEN[0])) != bool(given.get(_GIVEN[1])):
        raise click.ClickException("Set both DATABASE_URL and MIGRATION_DATABASE_URL, or neither.")
    check_port(host, port)
    folder.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    folder = folder.resolve()
    is_ours = "DATABASE_URL" not in given
    say(
        "Starting PostgreSQL and Valkey"
        if is_ours
        else "Using the servers of DATABASE_URL and REDIS_URL"
    )
    with embedded(
        folder, durable=True, admin_url=given.get("DATABASE_URL"), redis_url=given.get("REDIS_URL")
    ) as servers:
        secret_key, ring = prepare_keys(folder)
        ours = environment(
            servers, given, folder=folder, port=port, secret_key=secret_key, ring=ring
        )
        env = {**os.environ, **ours}
        is_new = (
            prepare_database(servers) if is_ours else has_no_tables(given["MIGRATION_DATABASE_URL"])
        )
        fill_database(servers, env, is_new=is_new, is_ours=is_ours, cases=cases)
        note_settings(folder, ours)
        with Supervisor(folder / "log", env, ROOT) as supervisor:
            supervisor.watch(*servers.children)
            start_processes(supervisor, host=host, port=port, folder=folder)
            wait_until_ready(supervisor, host, port)
            run("Listing the sign-ins", [*CASEWORK, "seed", "--print-sign-ins"], env=env, cwd=ROOT)
            click.echo(
                f"\nCasework is ready: {ours['PUBLIC_URL']}\nLogs: {folder / 'log'}. Ctrl+C stops everything.\n"
            )
            supervisor.wait()


@click.command("demo")
@click.option(
    "--port", default=8000, show_default=True, envvar="PORT", type=click.IntRange(1, 65535)
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--folder",
    default=Path("var"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
)
@click.option(
    "--cases",
    default=60,
    show_default=True,
    type=click.IntRange(0),
    help="Invented cases at the first start.",
)
@click.option(
    "--reset", "is_reset", is_flag=True, help="Empty the demo's data instead of starting it."
)
def demo_command(port: int, host: str, folder: Path, cases: int, is_reset: bool) -> None:
    """Run the whole application here with invented people: servers, web, worker and beat."""
    try:
        if is_reset:
            reset(folder)
            return
        with stopping_on_signals():
            launch(folder, host, port, cases)
    except StopRequested:
        click.echo("\nEverything is stopped; the data is kept.")
    except (ChildFailed, ServersBusy, ServersMissing) as error:
        raise click.ClickException(str(error)) from None
