"""The person: sealed details, the safe-contact plan, consent by purpose, and who may see them."""

from flask import Flask

from casework import accounts
from casework.people import contact_plan, queries, services, signals, tasks

__all__ = ["contact_plan", "init_app", "queries", "services", "signals", "tasks"]


def init_app(app: Flask) -> None:
    """Open this room's door; a new service begins with our consent wordings."""
    accounts.on_service_created.append(services.write_default_wordings)
