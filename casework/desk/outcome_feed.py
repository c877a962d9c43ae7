"""What happened next: the outcomes of cases a navigator handled, true ones, failures too."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext

from casework.cases.models import Case, CaseNeed, NeedOutcome
from casework.cases.queries import Scope
from casework.database import now
from casework.desk import queries, words
from casework.desk.queries import PAGE, Place
from casework.desk.words import Chip, joined, outcome_chip
from casework.security import Actor, Role

GOOD = frozenset({NeedOutcome.MET, NeedOutcome.PARTIALLY_MET, NeedOutcome.RESOLVED_OTHERWISE})


@dataclass(frozen=True)
class Happened:
    """One outcome in controlled words; ref is None where no case may be pointed at."""

    chip: Chip
    what: str
    detail: str
    at: datetime
    ref: str | None
    tone: str


@dataclass(frozen=True)
class Feed:
    """One page of outcomes, and where the next begins."""

    items: list[Happened]
    next_place: str | None = None


def scopes_for(viewer: Actor) -> list[Scope]:
    """List whose outcomes this viewer may read: their own and facts of the team; supervisors, all."""
    own = [Scope.MINE, Scope.TEAM]
    return [*own, Scope.ALL] if viewer.role is Role.SUPERVISOR else own


def read_feed(viewer: Actor, scope: Scope, after: str | None = None) -> Feed:
    """Read one page of what happened next, newest first."""
    if scope is Scope.TEAM:
        return Feed([_fact(need) for need in queries.team_outcomes(viewer, now())])
    found = queries.outcomes_known(
        viewer, whole_service=scope is Scope.ALL, after=place_of(after), limit=PAGE + 1
    )
    items = [_happened(known.need, known.case) for known in found[:PAGE]]
    last = found[PAGE - 1].need if len(found) > PAGE else None
    return Feed(items, place_text(last) if last else None)


def place_text(need: CaseNeed) -> str:
    """Write where a page ends, for the address of the next one."""
    at = need.outcome_at or need.created_at
    return f"{int(at.timestamp() * 1_000_000)}.{need.id}"


def place_of(text: str | None) -> Place | None:
    """Read where a page begins; anything unreadable is the first page."""
    try:
        moment, need_id = (text or "").split(".", 1)
        return Place(queries.moment_of_microseconds(int(moment)), UUID(need_id))
    except (ValueError, OverflowError):
        return None


def _happened(need: CaseNeed, case: Case) -> Happened:
    at = need.outcome_at or need.created_at
    days = max((at - case.opened_at).days, 0)
    after = (
        ngettext("%(num)d day after the call", "%(num)d days after the call", days)
        if days
        else _("the same day")
    )
    return Happened(
        chip=outcome_chip(need.outcome),
        what=words.need_line(need.code, case.is_sensitive),
        detail=joined([_why(need), str(need.source.label) if need.source else None, after]),
        at=at,
        ref=case.ref,
        tone=_tone(need.outcome),
    )


def _fact(need: CaseNeed) -> Happened:
    """Tell an outcome of the team as a fact about nobody: no case, no place, no source."""
    at = need.outcome_at or need.created_at
    why = _why(need) or ""
    return Happened(
        outcome_chip(need.outcome), str(need.code.label), why, at, None, _tone(need.outcome)
    )


def _why(need: CaseNeed) -> str | None:
    if need.outcome is NeedOutcome.UNMET:
        kind = str(need.unmet_kind.label) if need.unmet_kind else None
        return joined([kind, str(need.reason.label) if need.reason else None, _("counted")])
    return str(need.reason.label) if need.reason else None


def _tone(outcome: NeedOutcome) -> str:
    if outcome in GOOD:
        return "safe"
    return "unmet" if outcome is NeedOutcome.UNMET else "idle"
