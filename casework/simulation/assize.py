"""What else the judge looks at: lists, letters and held places (R12, R31, R36)."""

import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from casework.simulation.clockface import agrees
from casework.simulation.judge import STEP, Judge
from casework.simulation.wishes import Life

# Every invented name and code word ends in this, so that one look finds any of them.
MARK = re.compile(r"Quill[0-9]{6}")
REF = re.compile(r"C-[0-9A-Z]{6}")
DIGITS = re.compile(r"[0-9]{10}")
COUNT = re.compile(r"Subject: .*?\b([0-9]+) (?:call-backs? due|rappels?)", re.IGNORECASE)


def judge_letter(
    judge: Judge, text: str, to: str, at: datetime, *, addresses: Collection[str], due: int
) -> None:
    """Judge the bytes of a mail: to staff or agencies only, of nobody, and of no more than are due.

    `due` is how many people its reader may call at this moment, by the record (R10, R12).
    """
    judge.judged["letter"] += 1
    somebody = next(iter(judge.town.lives.values()))
    body = text.partition("\n\n")[2]
    refs = judge.town.by_ref
    named = next((refs[word] for word in REF.findall(body) if word in refs), None)
    joined = re.sub(r"[-. ()]", "", body)
    numbers = [found for found in DIGITS.findall(joined) if f"+1{found}" in judge.town.by_phone]
    if MARK.search(text) or named or numbers:
        judge.blame("letter that names somebody", "R12", named or somebody, at, to)
    if to not in addresses:
        judge.blame("letter to where nobody works", "R11, R12", somebody, at, to)
    counted = COUNT.search(text)
    if counted and int(counted.group(1)) > due:
        judge.blame("letter of more calls than are agreed", "R10", somebody, at, to)


def judge_released(judge: Judge, life: Life, at: datetime, referral: UUID) -> None:
    """Judge a held place that was given back: only the person's own word may do that (R31)."""
    judge.judged["place given back"] += 1
    if not life.took_back_place:
        judge.blame("held place released by ending calls", "R31", life, at, referral)


def judge_held(
    judge: Judge, life: Life, at: datetime, referral: UUID, *, hold: datetime | None
) -> None:
    """Judge that an agency's yes became one task to tell the person before the hold ends (R36).

    When no agreed hour is left before that, a human was alarmed in the same moment.
    """
    judge.judged["place held"] += 1
    telling = {
        id_: promise for id_, promise in judge.promises.items() if promise.referral == referral
    }
    if len(telling) != 1:
        judge.blame("held place that nobody is to tell of", "R36", life, at, referral)
    for follow_up, promise in telling.items():
        if hold is None:
            continue
        if promise.latest_at > hold:
            judge.blame("person told after the hold ends", "R36", life, at, follow_up)
        if not promise.alarms and not _has_hour(judge, life, at, hold):
            judge.blame(
                "no agreed hour before a hold ends, and no alarm", "R36", life, at, follow_up
            )


def _has_hour(judge: Judge, life: Life, at: datetime, until: datetime) -> bool:
    moments = range(int((until - at) / STEP) + 1)
    return any(
        life.may_be_called(at + n * STEP) and agrees(judge.town, life, at + n * STEP)
        for n in moments
    )


def callable_people(judge: Judge, owed: Collection[Life], at: datetime) -> int:
    """Count whom of these somebody may call at a moment, by the record."""
    return len(
        {life.person_id for life in owed if life.may_be_called(at) and agrees(judge.town, life, at)}
    )
