"""What may be written in a contact plan: windows, zone and rules, each checked (R9, R11)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l

from casework.accounts.wall_clock import read_time
from casework.database import Refused
from casework.people import time_zones
from casework.people.contact_plan import SEALED, Plan, Window
from casework.people.date_checks import read_all_dates, read_all_one_offs, read_days_off
from casework.people.dates import dates_written, one_off_written
from casework.people.identifiers import fold
from casework.people.models import Channel, PhoneKind, VoicemailRule, WhenToCall

MOST_WINDOWS = 20
CODES = {"channel": Channel, "phone_kind": PhoneKind, "voicemail_rule": VoicemailRule}
TRUTHS = ("is_caller_id_shown", "is_text_allowed")
TEXTS = ("voicemail_script", "cover_name", "who_may_answer", "dropped_call_rule")


class WindowBackwards(Refused):
    """A window that ends before it starts, or at once."""

    message = _l(
        "These hours end before they start. For a night, use two rows: until 23:59, and from 00:00."
    )
    field = "windows"


class WindowUnfinished(Refused):
    """A window lacks its days, its start or its end."""

    message = _l("These hours are not complete: choose the days, a start and an end.")
    field = "windows"


class NoWindows(Refused):
    """Agreed hours were chosen and none was written: that would mean ask first (R11)."""

    message = _l("Write at least one row of agreed hours, or choose another answer.")
    field = "windows"


class UnknownTimeZone(Refused):
    """Not a zone that clocks can follow."""

    message = _l("Choose a time zone from the list.")
    field = "time_zone"


class CodeWordTooShort(Refused):
    """A code word that anybody could guess or nobody could say."""

    message = _l("A code word needs at least three letters or digits.")
    field = "code_word"


class QuestionUnfinished(Refused):
    """An agreed question without its answer, or the other way round."""

    message = _l("Write both the agreed question and its answer.")
    field = "agreed_answer"


class NoWayToReach(Refused):
    """A call is planned, and there is nothing to reach the person by (R11)."""

    message = _l("To plan a call, write a phone, an email or a handle.")
    field = "phone"


class NoTimeAgreed(Refused):
    """A call is planned, and nothing says when (R11)."""

    message = _l("To plan a call, say when: agreed hours, any time, or “will call us”.")
    field = "when"


def clean_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was said of a plan, ready to be sealed; what was not said stays out.

    Keys: when, time_zone, windows (Windows, or {"days", "start", "end"}), days_off (weekdays),
    dates_off ({"first", "last"}), one_offs ({"day", "start", "end"}), code_word ("" removes it),
    agreed_questions ([{"question", "answer"}]) and the other columns by name. Hours of one date
    are agreed hours, also of somebody we otherwise ask first: they were agreed aloud (R11).
    """
    unknown = set(plan) - {*SEALED, "when", "time_zone"}
    if unknown:
        raise LookupError(f"a contact plan has no {sorted(unknown)}")
    clean = {name: _read(name, value) for name, value in plan.items()}
    if clean.get("when") is WhenToCall.ASK_FIRST and clean.get("one_offs"):
        clean["when"] = WhenToCall.WINDOWS
        clean["windows"] = []
    is_empty = clean.get("windows") == [] and not clean.get("one_offs")
    if clean.get("when") is WhenToCall.WINDOWS and is_empty:
        raise NoWindows
    return clean


def check_callable(plan: Plan, *, has_way: bool) -> None:
    """Refuse to plan a call that could never be made (R11): no way to reach, or no word on when."""
    if plan.when is WhenToCall.WILL_CALL_US:
        return
    if not has_way:
        raise NoWayToReach
    if plan.when is WhenToCall.ASK_FIRST:
        raise NoTimeAgreed


def _read(name: str, value: Any) -> Any:
    if name == "when":
        return WhenToCall(value or WhenToCall.ASK_FIRST)
    if name == "time_zone":
        return _zone(str(value))
    if name == "windows":
        return [_written(window) for window in _windows(value or ())]
    if name in DATED:
        return DATED[name](value or ()) or None
    if name in CODES:
        return str(CODES[name](value).value) if value else None
    if name in TRUTHS:
        return bool(value)
    if name == "code_word":
        return _code_word(value)
    if name == "agreed_questions":
        return _questions(value or ())
    return str(value or "").strip() or None


def _days_off(said: Iterable[Any]) -> list[int]:
    return sorted(read_days_off(said))


def _dates_off(said: Iterable[Any]) -> list[dict[str, str]]:
    return [dates_written(dates) for dates in sorted(read_all_dates(said))]


def _one_offs(said: Iterable[Any]) -> list[dict[str, Any]]:
    return [one_off_written(hours) for hours in sorted(read_all_one_offs(said))]


DATED: dict[str, Callable[[Iterable[Any]], list[Any]]] = {
    "days_off": _days_off,
    "dates_off": _dates_off,
    "one_offs": _one_offs,
}


def _zone(name: str) -> str:
    if not time_zones.is_known(name):
        raise UnknownTimeZone
    return name


def _windows(windows: Iterable[Any]) -> list[Window]:
    found = [read_window(window) for window in windows]
    if len(found) > MOST_WINDOWS:
        raise WindowUnfinished
    return found


def read_window(said: Any) -> Window:
    """Read one row of agreed hours; raise WindowUnfinished or WindowBackwards."""
    days, start, end = said if isinstance(said, tuple) else (said.get(k) for k in Window._fields)
    if not days or start in (None, "") or end in (None, ""):
        raise WindowUnfinished
    window = Window(frozenset(int(day) for day in days), _time(start), _time(end))
    if not window.days <= frozenset(range(7)):
        raise WindowUnfinished
    if window.end <= window.start:
        raise WindowBackwards
    return window


def _time(said: Any) -> time:
    try:
        return read_time(said)
    except ValueError:
        raise WindowUnfinished from None


def _written(window: Window) -> dict[str, Any]:
    return {
        "days": sorted(window.days),
        "start": window.start.isoformat(timespec="minutes"),
        "end": window.end.isoformat(timespec="minutes"),
    }


def _code_word(said: Any) -> str | None:
    word = str(said or "").strip()
    if not word:
        return None
    if len(fold(word)) < 3:
        raise CodeWordTooShort
    return word


def _questions(said: Iterable[Mapping[str, str]]) -> list[dict[str, str]] | None:
    written = []
    for entry in said:
        question, answer = entry.get("question", "").strip(), entry.get("answer", "").strip()
        if bool(question) != bool(fold(answer)):
            raise QuestionUnfinished
        if question:
            written.append({"question": question, "answer": answer})
    return written or None
