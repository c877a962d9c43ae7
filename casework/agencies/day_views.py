"""The food bank's list of a day: who is expected, on a phone or on paper."""

import uuid
from dataclasses import dataclass
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework import accounts, database, directory
from casework.agencies.views import blueprint
from casework.database import Code
from casework.directory.models import Organization
from casework.referrals import answer_sheet, policy, telling
from casework.referrals.business_days import wall
from casework.referrals.forms import ReplyForm
from casework.referrals.models import LinkPurpose
from casework.referrals.services import day_list
from casework.referrals.services.day_list import NEED, Expected
from casework.security import Actor, allow, current_actor
from casework.web.pages import render

DAY = timedelta(days=1)


class Which(Code):
    """Of which day."""

    TODAY = "today", _l("Today")
    TOMORROW = "tomorrow", _l("Tomorrow")


@dataclass(frozen=True)
class Line:
    """One household on the list, and the sheet on which its arrival is said."""

    expected: Expected
    told: list[tuple[object, object]]
    form: ReplyForm


@blueprint.get("/inbox/day/<any(today, tomorrow):which>")
@allow("inbox:read")
def day(which: str) -> Response:
    """Show whom a food bank expects today or tomorrow; no page for an agency that gives no food."""
    actor = current_actor()
    agency = _food_bank(actor)
    today = database.now().astimezone(ZoneInfo(agency.time_zone)).date()
    chosen = today if which == Which.TODAY else today + DAY
    expected = day_list.open_day_list(
        actor, day=chosen, zone=agency.time_zone, purpose="list_of_the_day"
    )
    is_today = chosen == today
    ended = day_list.ended_since(actor, wall(today, time(), agency.time_zone)) if is_today else []
    return render(
        "agencies/day.html",
        service=accounts.queries.service_of(actor),
        agency=agency,
        date=chosen.isoformat(),
        which=which,
        days=list(Which),
        is_today=is_today,
        lines=[_line(each, agency.time_zone) for each in expected],
        ended=ended,
        undoable=day_list.may_be_undone(ended),
    )


def gives_food(actor: Actor, organization_id: uuid.UUID) -> bool:
    """Tell whether an agency has a list of the day: it offers food."""
    offers = directory.capacity_queries.services_of(actor, organization_id)
    return any(NEED.value in offer.needs for offer in offers)


def _food_bank(actor: Actor) -> Organization:
    if actor.organization_id is None or not gives_food(actor, actor.organization_id):
        raise database.NotFound
    return directory.queries.get(actor, actor.organization_id)


def _line(expected: Expected, zone: str) -> Line:
    asks = policy.REPLIES[LinkPurpose.ARRIVAL]
    form = answer_sheet.reply_form(expected.referral, asks, zone, formdata=None)
    return Line(expected, list(telling.lines(expected.told)), form)
