"""One person's needs and how each ended: opening, notes, outcomes, handing over, closing, look-up."""

import uuid

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l

from casework import people
from casework.cases import hold_queries, policy, queries, services, signals, views
from casework.security import Actor
from casework.web import navigation

__all__ = ["hold_queries", "init_app", "policy", "queries", "services", "signals"]


def init_app(app: Flask) -> None:
    """Open the pages, put look-up on the rail, and hear when a consent ends or a record is changed."""
    app.register_blueprint(views.blueprint)
    people.services.hold_cases_with(queries.hold_of_person)
    people.signals.consent_ended.connect(services.when_consent_ends)
    people.signals.person_changed.connect(services.when_person_changes)
    people.return_with(page_of_case)
    navigation.add(
        navigation.Entry(
            "cases.look_up",
            "phone-incoming",
            _l("Look up"),
            "case:look_up",
            order=30,
            also=("cases.identify", "cases.identify_caller", "cases.open_without_caller"),
        )
    )


def page_of_case(viewer: Actor, person_id: uuid.UUID) -> str | None:
    """Give the page of a person's newest case: visitors of the person's pages came from there."""
    case = next(iter(queries.cases_of(viewer, person_id)), None)
    return url_for("desk.case_page", ref=case.ref) if case else None
