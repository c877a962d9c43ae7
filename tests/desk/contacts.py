"""First contacts for the desk's tests: one call opens a case as intake does."""

from datetime import UTC, date, datetime, time
from typing import Any

from casework import database
from casework.cases.models import Case
from casework.directory.needs import NeedCode
from casework.intake.policy import NewCase, Share
from casework.intake.services import open_new_case
from casework.people.models import VoicemailRule, WhenToCall

# Tuesday, 10 a.m. in Toronto.
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
DAILY = list(range(7))


def window(start: str, end: str, days: list[int] | None = None) -> dict[str, Any]:
    """Give agreed hours, every day unless some are named."""
    return {"days": DAILY if days is None else days, "start": start, "end": end}


def contact(
    *,
    name: str = "Maya",
    phone: str = "+15145550142",
    needs: tuple[NeedCode, ...] = (NeedCode.FOOD,),
    when: WhenToCall = WhenToCall.WINDOWS,
    windows: list[dict[str, Any]] | None = None,
    zone: str = "America/Toronto",
    calls: bool = True,
    first_call: tuple[date, time] | None = None,
    note: str = "",
    language: str = "en",
    plan: dict[str, Any] | None = None,
) -> NewCase:
    """Give what one contact said."""
    hours = windows if windows is not None else [window("09:00", "17:00")]
    return NewCase(
        may_call_back=calls,
        share=Share.NEEDS,
        categories=needs,
        spoken=language,
        needs=needs,
        details={"safe_name": name, "phone": phone, "language": language},
        plan={
            "when": when,
            "time_zone": zone,
            "voicemail_rule": VoicemailRule.NEVER,
            "windows": hours if when is WhenToCall.WINDOWS else [],
            **(plan or {}),
        },
        voicemail=VoicemailRule.NEVER,
        language=language,
        note=note,
        first_call=first_call,
    )


def open_case(member: Any, **said: Any) -> Case:
    """Open a case as a member of the cast and write it down."""
    case = open_new_case(member.actor, data=contact(**said)).case
    database.commit()
    return case


def due_now(member: Any, clock: Any, **said: Any) -> Case:
    """Open a case and let a week pass, so that its first call is due within the agreed hours."""
    clock.freeze(NOW)
    case = open_case(member, **said)
    clock.freeze(datetime(2026, 12, 1, 15, 30, tzinfo=UTC))
    return case
