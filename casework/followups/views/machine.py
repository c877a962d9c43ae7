"""How the reminder machine stands: how late it is, what is parked, and which messages nobody is sure of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from casework import pulse
from casework.background import Job
from casework.database import now
from casework.followups import queries, services
from casework.followups.models import Rung
from casework.followups.views.door import blueprint
from casework.notices import queries as notices
from casework.security import Actor, allow, current_actor
from casework.web.pages import render

WHO = {
    Rung.OWNER: _l("Whoever has it"),
    Rung.TEAM: _l("The team"),
    Rung.SUPERVISORS: _l("The supervisors"),
}


@dataclass(frozen=True)
class Parked:
    """One parked reminder: a reference only for whoever may open the case."""

    id: UUID
    ref: str | None
    due_at: datetime
    who: LazyString


@blueprint.get("/reminders")
@allow("reminder:watch")
def machine() -> Response:
    """Show numbers, what is parked, and what may not have left; no name, and no case but one's own."""
    viewer, at = current_actor(), now()
    standing = queries.standing_of(viewer.service_id, at)
    looked = pulse.of_service(viewer.service_id).get(str(Job.CLAIM_REMINDERS))
    return render(
        "followups/machine.html",
        standing=standing,
        is_late=standing.is_late(at),
        looked_at=looked.at if looked else None,
        parked=_parked(viewer),
        unsure=notices.unsure(viewer),
    )


@blueprint.post("/reminders/<uuid:reminder_id>/try-again")
@allow("reminder:watch")
def try_again(reminder_id: UUID) -> Response:
    """Let one parked reminder be due at once."""
    viewer = current_actor()
    # Of two who press at once the second is told that nothing is left, and not that there is no page.
    reminder = queries.parked_one(viewer, reminder_id)
    if reminder is not None and services.try_again(viewer, reminder):
        flash(_l("It will be tried again within half a minute."), "success")
    else:
        flash(
            _l("Nothing is left to be shown: this call is over, or another reminder waits."), "info"
        )
    return redirect(url_for("followups.machine"))


@blueprint.post("/reminders/try-again")
@allow("reminder:watch")
def try_all_again() -> Response:
    """Let everything that is parked be due at once."""
    number = services.try_all_again(current_actor())
    flash(
        ngettext(
            "%(num)d reminder will be tried again.",
            "%(num)d reminders will be tried again.",
            number,
        ),
        "success",
    )
    return redirect(url_for("followups.machine"))


def _parked(viewer: Actor) -> list[Parked]:
    rows = queries.parked(viewer.service_id)
    refs = queries.refs_behind(viewer, {row.follow_up_id for row in rows})
    return [
        Parked(row.id, refs.get(row.follow_up_id), row.due_at, WHO[Rung(row.rung)]) for row in rows
    ]
