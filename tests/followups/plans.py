"""Short ways to write a contact plan in tests."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any

from casework.people.contact_plan import Plan, Window
from casework.people.models import Channel, VoicemailRule, WhenToCall

EVERY_DAY = range(7)


def windows_of(*written: tuple[Iterable[int], str, str]) -> tuple[Window, ...]:
    """Read windows such as ((0, 1), "09:00", "11:30")."""
    return tuple(
        Window(frozenset(days), time.fromisoformat(start), time.fromisoformat(end))
        for days, start, end in written
    )


def plan_of(
    *windows: Window,
    when: WhenToCall = WhenToCall.WINDOWS,
    zone: str = "America/Toronto",
    is_unsafe: bool = False,
    **more: Any,
) -> Plan:
    """Make a plan that says only when; everything else is at its most careful."""
    careful: dict[str, Any] = {
        "channel": Channel.PHONE,
        "voicemail_rule": VoicemailRule.NEVER,
        "voicemail_script": None,
        "has_code_word": False,
        "cover_name": None,
        "who_may_answer": None,
        "is_caller_id_shown": False,
        "dropped_call_rule": None,
        "is_text_allowed": False,
        "last_confirmed_at": datetime(2026, 11, 1, tzinfo=UTC),
    }
    return Plan(when=when, time_zone=zone, windows=windows, is_unsafe=is_unsafe, **(careful | more))
