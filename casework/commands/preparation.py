"""What the demo needs before its processes start: keys, database, settings; and how all of it is removed."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import psycopg
from sqlalchemy import make_url

import casework
from casework.commands.folders import Record, alone_in, home_elsewhere
from casework.commands.servers import (
    APP,
    OWNER,
    READER,
    Servers,
    connect_as_admin,
    create_database,
    create_roles,
    database_exists,
    drop_database,
)
from casework.commands.supervisor import run

ROOT = Path(casework.__path__[0]).resolve().parent
DATABASE = "casework"
SEEDED = "seeded"
CASEWORK = [sys.executable, "-m", "casework"]
# What the demo keeps in its folder, and `--reset` removes.
_KEPT = (
    "postgres-data",
    "binaries",
    "run",
    "log",
    "mail",
    "keys",
    "beat",
    "demo.env",
    "servers.json",
)


def say(text: str) -> None:
    """Print one step."""
    click.echo(f"==> {text}")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, never for a moment readable by others."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    unfinished.replace(path)


def prepare_keys(folder: Path) -> tuple[str, Path]:
    """Return the signing key and the key ring of this folder, made on the first start."""
    keys = folder / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    signing, ring = keys / "secret_key", keys / "keyring.json"
    if not signing.exists() or not ring.exists():
        say(f"Making keys in {keys}. They are for this demo only, NOT FOR PRODUCTION")
    if not signing.exists():
        write_private(signing, secrets.token_urlsafe(48))
    if not ring.exists():
        run(
            "Making the key ring",
            [*CASEWORK, "keys", "init", "--file", ring],
            env=os.environ,
            cwd=ROOT,
        )
    return signing.read_text(), ring


def environment(
    servers: Servers,
    given: Mapping[str, str],
    *,
    folder: Path,
    port: int,
    secret_key: str,
    ring: Path,
) -> dict[str, str]:
    """Return the settings that every process of the demo gets, on top of its surroundings."""
    databases = {
        "DATABASE_URL": servers.url(APP, DATABASE),
        "MIGRATION_DATABASE_URL": servers.url(OWNER, DATABASE),
        "READER_DATABASE_URL": servers.url(READER, DATABASE),
    }
    if given.get("DATABASE_URL"):
        databases = {name: given[name] for name in databases if given.get(name)}
    return {
        "CASEWORK_ENV": "demo",
        **databases,
        "REDIS_URL": servers.redis_url,
        "BROKER_URL": servers.broker_url,
        "SECRET_KEY": secret_key,
        "CASEWORK_KEYS": f"file:{ring}",
        "MAIL_URL": given.get("MAIL_URL") or f"file:{folder / 'mail'}",
        "PUBLIC_URL": given.get("PUBLIC_URL") or f"http://localhost:{port}",
        "UPLOADS": given.get("UPLOADS") or str(folder / "uploads"),
    }


def _is_seeded(servers: Servers) -> bool:
    with connect_as_admin(servers) as connection:
        question = (
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        )
        row = connection.execute(question, [DATABASE]).fetchone()
    return row is not None and row[0] == SEEDED


def prepare_database(servers: Servers) -> bool:
    """Make sure that roles and database exist; return whether the database is new.

    A database whose first filling was interrupted is made anew: nobody has worked in it yet.
    """
    create_roles(servers)
    if database_exists(servers, DATABASE):
        if _is_seeded(servers):
            return False
        drop_database(servers, DATABASE)
    create_database(servers, DATABASE)
    return True


def fill_database(
    servers: Servers, env: Mapping[str, str], *, is_new: bool, is_ours: bool, cases: int
) -> None:
    """Bring the tables up to date, and write the invented cases into a database that has none."""
    say("Bringing the tables up to date")
    run("The migration", [*CASEWORK, "db", "upgrade"], env=env, cwd=ROOT)
    if not is_new:
        say("Keeping the cases of the last start (make demo-reset empties them)")
        return
    say(f"Writing {cases} invented cases")
    run(
        "The seeding",
        [*CASEWORK, "seed", "--cases", str(cases), "--seed", "211"],
        env=env,
        cwd=ROOT,
    )
    if is_ours:
        with connect_as_admin(servers) as connection:
            connection.execute(f"COMMENT ON DATABASE {DATABASE} IS '{SEEDED}'")


def has_no_tables(url: str) -> bool:
    """Return whether the database at that address was never migrated."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    return row is None or row[0] is None


def note_settings(folder: Path, env: Mapping[str, str]) -> None:
    """Write the settings down, so that other commands can join the running demo."""
    lines = [f"{name}='{value}'" for name, value in env.items()]
    write_private(
        folder / "demo.env",
        "\n".join(["# For commands beside the running demo: set -a; . var/demo.env", *lines, ""]),
    )


def reset(folder: Path) -> None:
    """Remove everything the demo keeps in that folder; raises ServersBusy while it runs."""
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    with alone_in(folder):
        Record(folder).clean_up()
        for kept in (*(folder / name for name in _KEPT), home_elsewhere(folder)):
            if kept.is_dir():
                shutil.rmtree(kept)
            else:
                kept.unlink(missing_ok=True)
    say(f"The demo's data in {folder} is gone; the next make demo starts anew")
