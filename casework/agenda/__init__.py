"""What staff carry with them: a calendar that only counts, and the mails that begin a day."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from casework.agenda import letters, policy, queries, services, tasks, views
from casework.notices.models import LetterKind
from casework.notices.services import write_with
from casework.web import navigation

__all__ = ["init_app", "policy", "queries", "services", "tasks"]


def init_app(app: Flask) -> None:
    """Open the pages, word the two digests, and put the team’s numbers on the rail."""
    app.register_blueprint(views.blueprint)
    write_with(LetterKind.DAY_DIGEST, letters.day_digest)
    write_with(LetterKind.TEAM_DIGEST, letters.team_digest)
    navigation.add(
        navigation.Entry("agenda.team", "users-round", _l("The team now"), "team:read", order=60)
    )
