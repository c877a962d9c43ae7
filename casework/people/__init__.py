"""The person: sealed details, the safe-contact plan, consent by purpose, and who may see them."""

from flask import Flask

from casework import accounts, vault
from casework.people import contact_plan, queries, services, signals, tasks
from casework.people.detail_checks import INDEXED
from casework.people.views import blueprint, consents, details, plan
from casework.people.way_back import return_with

__all__ = [
    "contact_plan",
    "init_app",
    "queries",
    "return_with",
    "services",
    "signals",
    "tasks",
]
PAGES = (plan, details, consents)


def init_app(app: Flask) -> None:
    """Open this room's pages; a new service begins with our consent wordings.

    Says how the index terms of people are made again under a new key.
    """
    accounts.on_service_created.append(services.write_default_wordings)
    vault.rebuild_index_with(services.rebuild_terms, *INDEXED)
    app.register_blueprint(blueprint)
