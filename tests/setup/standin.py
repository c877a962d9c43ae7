"""A stand-in for the application, so that the launcher can be tested, and made to fail, in seconds."""

import shutil
from pathlib import Path

from tests.setup.launching import ROOT

LAUNCHER_FILES = (
    "demo",
    "folders",
    "guard",
    "postgres",
    "preparation",
    "processes",
    "servers",
    "supervisor",
    "valkey",
)

_MAIN = """
import os
from pathlib import Path
import click
from sqlalchemy import create_engine, text
from casework.commands.demo import demo_command

@click.group()
def cli():
    pass

cli.add_command(demo_command)

def owner():
    return create_engine(os.environ["MIGRATION_DATABASE_URL"]).begin()

@cli.command("keys")
@click.argument("init")
@click.option("--file", "path", type=Path)
def keys(init, path):
    path.touch(0o600)

@cli.command("db")
@click.argument("upgrade")
def db(upgrade):
    with owner() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (x int)"))
        connection.execute(text("CREATE TABLE IF NOT EXISTS invented (x int)"))
        connection.execute(text("GRANT SELECT, INSERT ON invented TO casework_app"))

@cli.command("seed")
@click.option("--cases", type=int)
@click.option("--seed", type=int)
@click.option("--print-sign-ins", is_flag=True)
def seed(cases, seed, print_sign_ins):
    if print_sign_ins:
        click.echo("sign in as amina")
        return
    with owner() as connection:
        connection.execute(text("INSERT INTO invented SELECT generate_series(1, :cases)"), {"cases": cases})
    if os.environ.get("FAIL_SEEDING"):
        raise click.ClickException("half-way through")

if __name__ == "__main__":
    cli()
"""

# Ready once the worker has handled a task that beat sent: every part has to turn.
_APP = """
import os
import redis
from sqlalchemy import create_engine, text

engine = create_engine(os.environ["DATABASE_URL"])
client = redis.Redis.from_url(os.environ["REDIS_URL"])

def app(environ, start):
    if environ["PATH_INFO"] == "/readyz" and not client.get("ticked"):
        start("503 Service Unavailable", [])
        return [b"no tick yet"]
    with engine.begin() as connection:
        count = connection.scalar(text("SELECT count(*) FROM invented"))
        if environ["REQUEST_METHOD"] == "POST":
            connection.execute(text("INSERT INTO invented VALUES (0)"))
    start("200 OK", [])
    return [str(count).encode()]
"""

_WORKER = """
import os
import redis
from celery import Celery

celery = Celery("standin", broker=os.environ["BROKER_URL"])
celery.conf.update(
    broker_connection_retry_on_startup=True, task_ignore_result=True, beat_schedule={"tick": {"task": "tick", "schedule": 0.5}}
)

@celery.task(name="tick")
def tick():
    redis.Redis.from_url(os.environ["REDIS_URL"]).set("ticked", 1)
    if os.environ.get("FAIL_WORKER"):
        os.kill(os.getppid(), 9)
"""


def build(checkout: Path) -> Path:
    """Make a checkout with the real launcher and a tiny application."""
    commands = checkout / "casework" / "commands"
    commands.mkdir(parents=True)
    for package in (checkout / "casework", commands):
        (package / "__init__.py").touch()
    for name in LAUNCHER_FILES:
        shutil.copy(ROOT / "casework" / "commands" / f"{name}.py", commands)
    (checkout / "casework" / "__main__.py").write_text(_MAIN)
    (checkout / "app.py").write_text(_APP)
    (checkout / "celery_worker.py").write_text(_WORKER)
    return checkout
