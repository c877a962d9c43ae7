"""What must hold across the fields of a new case before it may be kept, or only counted."""

from datetime import date, datetime, time

from flask_babel import lazy_gettext as _l

from casework.database import Refused
from casework.followups.safe_time import local_to_utc
from casework.intake.fields import ages_of, forgive, refuse
from casework.intake.forms import NewCaseForm
from casework.intake.policy import WHOLE_ANSWERS, AgreedHours, Days, PartOfDay, Share, hours_of
from casework.people import identifiers
from casework.people.date_fields import check_dated, dated_plan

# All that counts when the answer is no: what was typed elsewhere is dropped, so it cannot be wrong.
COUNTED = frozenset({"csrf_token", "keep", "needs", "channel", "spoken", "their_language"})
NO_NEED = _l("Choose at least one need.")


def check(form: NewCaseForm, at: datetime) -> bool:
    """Validate the whole page; every problem stands on its field, in the reader's language."""
    form.validate()
    form.keep.require()
    if form.counts_only:
        for field in form:
            if field.short_name not in COUNTED:
                forgive(field)
    if not form.needs.data and not form.needs.errors:
        refuse(form.needs, NO_NEED)
    if form.keeps:
        _check_kept(form)
        _check_first_call(form, at)
    return not form.errors


def _check_kept(form: NewCaseForm) -> None:
    form.call_back.require()
    form.share.require()
    if form.share.data == Share.AGENCY and not form.share_with.data:
        refuse(form.share_with, _l("Choose the agency they agreed to."))
    form.voicemail.require()
    _check_identifiers(form)
    _check_times(form)
    if form.spoken.data == "other" and not form.their_language.data:
        refuse(form.their_language, _l("Choose their language."))
    if form.region.data and identifiers.holds_postal_code(form.region.data):
        refuse(form.region, _l("Write a town or region, without any part of a postal code."))
    try:
        ages_of(form.children_ages.data or "")
    except ValueError:
        refuse(form.children_ages, _l("Write ages under 18 with commas: 3, 5, 8."))


def _check_identifiers(form: NewCaseForm) -> None:
    for field, normalise in (
        (form.phone, identifiers.normalise_phone),
        (form.email, identifiers.normalise_email),
    ):
        if not field.data or field.errors:
            continue
        try:
            normalise(field.data)
        except Refused as refusal:
            refuse(field, refusal.message)


def _check_times(form: NewCaseForm) -> None:
    parts = form.times.data or []
    whole = [part for part in parts if part in list(WHOLE_ANSWERS)]
    check_dated(form)
    has_dates = any(not row.form.is_empty for row in form.one_offs)
    has_rows = has_dates or any(row.days.data for row in form.hours)
    if whole and (len(parts) > 1 or has_rows):
        refuse(form.times, _l("“Any time” and “they will call us” each stand alone."))
    elif parts and not whole:
        form.days.require()
    if form.call_back.data != "yes" or form.times.errors:
        return
    # R11: a planned call needs a way to reach the person, and an hour they agreed to.
    if not form.has_way_to_reach() and PartOfDay.WILL_CALL_US not in parts:
        refuse(
            form.phone,
            _l(
                "To call back, write a phone, an email or a chat handle; or answer no to calling back."
            ),
        )
    if not parts and not has_rows and not form.hours.errors:
        refuse(
            form.times,
            _l("To call back, choose when: agreed hours, any time, or they will call us."),
        )


def agreed_hours(form: NewCaseForm) -> list[AgreedHours]:
    """Give all the hours of the page: quick answers first, then the rows of the week."""
    parts = [PartOfDay(part) for part in form.times.data or []]
    quick = hours_of(parts, Days(form.days.data) if form.days.data else None)
    rows = [hours for row in form.hours if (hours := row.form.hours()) is not None]
    return [*quick, *rows]


def _check_first_call(form: NewCaseForm, at: datetime) -> None:
    """Refuse a chosen time that is not complete, has passed, or lies outside the agreed hours (R10)."""
    if form.first_call.data != "chosen" or form.call_back.data != "yes":
        return
    for field in (form.next_on, form.next_at):
        if field.data is None and not field.errors:
            refuse(field, _l("Write the day and the time they asked for."))
            return
    if form.next_on.errors or form.next_at.errors or form.time_zone.errors:
        return
    if local_to_utc(form.next_on.data, form.next_at.data, form.time_zone.data) <= at:
        refuse(form.next_on, _l("This time has passed. Choose a later one."))
        return
    if form.days_off.errors or form.dates_off.errors or form.one_offs.errors:
        return
    if not _is_agreed(form, form.next_on.data, form.next_at.data):
        refuse(form.next_at, _l("This time lies outside the hours they agreed to."))


def _is_agreed(form: NewCaseForm, day: date, clock: time) -> bool:
    """Tell whether the page itself agrees to a time; planning the call asks once more (R10)."""
    dated = dated_plan(form)
    if PartOfDay.WILL_CALL_US in (form.times.data or []):
        return True
    if day.weekday() in dated["days_off"] or any(
        dates.first <= day <= dates.last for dates in dated["dates_off"]
    ):
        return False
    hours = agreed_hours(form)
    if PartOfDay.ANY_TIME in (form.times.data or []) or not (hours or dated["one_offs"]):
        return True
    return any(
        day.weekday() in row.days.numbers and row.start <= clock < row.end for row in hours
    ) or any(one.day == day and one.start <= clock < one.end for one in dated["one_offs"])
