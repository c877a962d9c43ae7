"""What was saved, in words: for the page that shows two people's versions side by side."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casework.people import languages
from casework.people.contact_plan import Dates, OneOff, Plan, Window
from casework.people.models import Purpose, WhenToCall
from casework.web.filters import clock_time, date_of, phone
from casework.web.i18n import page_locale

DAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)
DETAILS: dict[str, LazyString] = {
    "full_name": _l("Full name"),
    "safe_name": _l("Name to use"),
    "phone": _l("Phone"),
    "email": _l("Email"),
    "handle": _l("Chat handle"),
    "area": _l("Area"),
    "children_ages": _l("Ages of the children"),
    "pets": _l("Pets"),
    "access_needs": _l("Access and mobility"),
    "culture_faith": _l("Culture and faith"),
    "language": _l("Language"),
    "needs_interpreter": _l("Interpreter"),
}
# Said aloud before a consent is withdrawn, so that nobody is surprised (R31).
BEFORE_WITHDRAWING: dict[Purpose, LazyString] = {
    Purpose.KEEP_CASE: _l(
        "“I will close your record. Calls stop, and any agency hears only that the request is "
        "withdrawn. A place held for you is released. Is that what you want?”"
    ),
    Purpose.CALL_BACK: _l(
        "“We will not call you any more. A place held for you stays held, and you can call us at "
        "any hour. Is that what you want?”"
    ),
    Purpose.SHARE_WITH_PARTNER: _l(
        "“If a place is held for you, it will be released, and the agency hears only that the "
        "request is withdrawn. Is that what you want?”"
    ),
    Purpose.LEAVE_VOICEMAIL: _l("“We will leave no voicemail from now on. Is that what you want?”"),
    Purpose.TEXT_MESSAGE: _l("“We will send no texts from now on. Is that what you want?”"),
    Purpose.QUALITY_REVIEW: _l(
        "“Nobody will read your record to review our work. Is that what you want?”"
    ),
    Purpose.DEIDENTIFIED_STORY: _l(
        "“We will not tell your story, not even without your name. Is that what you want?”"
    ),
}


def window_line(window: Window) -> str:
    """Write one row of agreed hours."""
    locale = page_locale()
    start, end = clock_time(window.start, locale), clock_time(window.end, locale)
    if len(window.days) == len(DAYS):
        return _("Every day: %(start)s to %(end)s", start=start, end=end)
    days = ", ".join(str(DAYS[day]) for day in sorted(window.days))
    return _("%(days)s: %(start)s to %(end)s", days=days, start=start, end=end)


def dates_line(dates: Dates) -> str:
    """Write days in a row."""
    if dates.first == dates.last:
        return date_of(dates.first)
    return _("%(first)s to %(last)s", first=date_of(dates.first), last=date_of(dates.last))


def one_off_line(hours: OneOff) -> str:
    """Write the hours of one date."""
    locale = page_locale()
    start, end = clock_time(hours.start, locale), clock_time(hours.end, locale)
    return _("%(day)s: %(start)s to %(end)s", day=date_of(hours.day), start=start, end=end)


def plan_lines(plan: Plan) -> list[tuple[str, str]]:
    """Write a plan line by line; the code word stays unsaid."""
    lines = [(_("When to call"), str(plan.when.label))]
    if plan.when is WhenToCall.WINDOWS:
        lines += [(_("Agreed hours"), window_line(window)) for window in plan.windows]
        lines += [(_("Hours on one date"), one_off_line(hours)) for hours in plan.one_offs]
    if plan.days_off:
        days = ", ".join(str(DAYS[day]) for day in sorted(plan.days_off))
        lines.append((_("Never on these days"), days))
    lines += [(_("Not on these dates"), dates_line(dates)) for dates in plan.dates_off]
    lines += [
        (_("Time zone"), plan.time_zone.replace("_", " ")),
        (_("Voicemail"), str(plan.voicemail_rule.label)),
        (_("Words for a voicemail"), plan.voicemail_script or "–"),
        (_("Whose phone"), str(plan.phone_kind.label) if plan.phone_kind else "–"),
        (_("Name we give"), plan.cover_name or "–"),
        (_("Who else may answer"), plan.who_may_answer or "–"),
        (_("If the line drops"), plan.dropped_call_rule or "–"),
        (_("Our number may show"), yes_no(plan.is_caller_id_shown)),
        (_("Texts"), yes_no(plan.is_text_allowed)),
        (_("Code word"), _("agreed") if plan.has_code_word else _("none")),
    ]
    return lines


def detail_lines(opened: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Write details line by line, those that were said."""
    return [
        (str(label), detail_text(name, opened[name]))
        for name, label in DETAILS.items()
        if opened.get(name) not in (None, "", [])
    ]


def detail_text(name: str, value: Any) -> str:
    """Write one detail as it stands on a page."""
    if name == "phone":
        return phone(str(value))
    if name == "language":
        return languages.name(str(value), page_locale())
    if isinstance(value, bool):
        return yes_no(value)
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def yes_no(truth: bool) -> str:
    """Write a truth."""
    return _("yes") if truth else _("no")
