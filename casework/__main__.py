"""The `casework` command line: set-up, keys, staff, seed data, audit, and the demo."""

import click

from casework.commands.administration import service_group, staff_group
from casework.commands.auditing import audit_group
from casework.commands.backup import backup_command
from casework.commands.backup_keys import backup_key_command
from casework.commands.demo import demo_command
from casework.commands.erasing import erase_command, retention_group
from casework.commands.importing import directory_group
from casework.commands.key_changes import reshare_command, retire_command, rotate_command
from casework.commands.key_files import keys_group
from casework.commands.key_runs import reindex_command, rewrap_command, status_command
from casework.commands.restore import restore_command
from casework.commands.restore_erasures import erasures_group
from casework.commands.schema import database_group
from casework.commands.seed import seed_command
from casework.commands.simulating import simulate_command
from casework.commands.sweeping import reminders_group


@click.group()
def cli() -> None:
    """Casework: what happened next?"""


for key_command in (
    rotate_command,
    rewrap_command,
    reindex_command,
    status_command,
    retire_command,
    reshare_command,
):
    keys_group.add_command(key_command)

for command in (
    demo_command,
    database_group,
    keys_group,
    service_group,
    staff_group,
    directory_group,
    seed_command,
    audit_group,
    erase_command,
    retention_group,
    reminders_group,
    simulate_command,
    backup_command,
    backup_key_command,
    restore_command,
    erasures_group,
):
    cli.add_command(command)


if __name__ == "__main__":
    cli(prog_name="casework")
