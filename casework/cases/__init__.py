"""One person's needs and how each ended: opening, notes, outcomes, handing over, closing, look-up."""

from flask import Flask

from casework import people
from casework.cases import queries, services, signals

__all__ = ["init_app", "queries", "services", "signals"]


def init_app(app: Flask) -> None:
    """Open this room's door, and hear when a consent ends or a record is changed."""
    people.signals.consent_ended.connect(services.when_consent_ends)
    people.signals.person_changed.connect(services.when_person_changes)
