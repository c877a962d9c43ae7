"""What is decided about consent and identity without looking anything up (R1-R6, R32)."""

import hmac
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from flask_babel import lazy_gettext as _l

from casework.database import Refused
from casework.directory.needs import NeedCode
from casework.people.identifiers import fold
from casework.people.models import HowGiven, IdentityMeans, PhoneKind, Purpose

# --- consent -------------------------------------------------------------------------------------

# Days a consent holds when nothing else is said, and at most (R2).
DEFAULT_DAYS: Mapping[Purpose, int] = dict.fromkeys(Purpose, 45) | {Purpose.SHARE_WITH_PARTNER: 30}
MOST_DAYS: Mapping[Purpose, int] = dict.fromkeys(Purpose, 365) | {Purpose.SHARE_WITH_PARTNER: 90}
WARN_BEFORE = timedelta(days=3)  # R6
# Purposes whose end stops something; the navigator hears of these before they end.
WARNED = frozenset({Purpose.KEEP_CASE, Purpose.CALL_BACK, Purpose.SHARE_WITH_PARTNER})
# The order in which purposes end when the case itself may no longer be kept (R5).
ALL_END = (
    Purpose.SHARE_WITH_PARTNER,
    Purpose.CALL_BACK,
    Purpose.LEAVE_VOICEMAIL,
    Purpose.TEXT_MESSAGE,
    Purpose.QUALITY_REVIEW,
    Purpose.DEIDENTIFIED_STORY,
    Purpose.KEEP_CASE,
)


class AnsweredTwice(Refused):
    """The same question was answered twice in one go."""

    message = _l("There are two answers to the same consent question.")
    field = "purpose"


class SharedWithNobody(Refused):
    """A yes to sharing names neither an agency nor a kind of help (R2)."""

    message = _l("Say with whom: one agency, or one kind of help the person agreed to.")
    field = "category"


class EndsInThePast(Refused):
    """A consent that is over before it begins."""

    message = _l("This consent would end in the past. Choose a later date.")
    field = "expires_on"


class EndsTooLate(Refused):
    """A consent longer than its purpose allows (R2)."""

    message = _l("This consent would last too long. Choose an earlier date.")
    field = "expires_on"


class UnknownLanguage(Refused):
    """A tag that names no language we know."""

    message = _l("Choose a language from the list.")
    field = "language"


@dataclass(frozen=True)
class ConsentAnswer:
    """One answer to one question; a yes to sharing names one agency or one kind of help."""

    purpose: Purpose
    is_given: bool
    category: NeedCode | None = None
    partner_id: uuid.UUID | None = None
    how_given: HowGiven = HowGiven.VERBAL
    language: str = "en"
    expires_at: datetime | None = None


def check_answers(answers: Sequence[ConsentAnswer]) -> None:
    """Refuse two answers to one question, and a yes to sharing that names nobody or too much."""
    questions = [(answer.purpose, answer.category, answer.partner_id) for answer in answers]
    if len(set(questions)) != len(questions):
        raise AnsweredTwice
    for answer in answers:
        named = (answer.category is not None) + (answer.partner_id is not None)
        if answer.purpose is not Purpose.SHARE_WITH_PARTNER:
            is_clear = named == 0
        else:
            is_clear = named == 1 or (named == 0 and not answer.is_given)
        if not is_clear:
            raise SharedWithNobody


def expiry(answer: ConsentAnswer, at: datetime) -> datetime:
    """Give when an answer expires: as said, or by default; raise when past or beyond the limit."""
    if answer.expires_at is None:
        return at + timedelta(days=DEFAULT_DAYS[answer.purpose])
    if answer.expires_at <= at:
        raise EndsInThePast
    # A day of grace: a date chosen on a page means the end of that day.
    if answer.expires_at > at + timedelta(days=MOST_DAYS[answer.purpose] + 1):
        raise EndsTooLate
    return answer.expires_at


# --- identity ------------------------------------------------------------------------------------

# Household facts that may stand in when nothing was agreed and nobody else could know them all.
FACTS = ("full_name", "children_ages", "pets", "area", "email")
FACTS_NEEDED = 2


@dataclass(frozen=True)
class IdentityCheck:
    """Whether the voice is the person, and how that was found out (R32)."""

    ok: bool
    means: IdentityMeans


def judge(
    *,
    code_word: str,
    answers: Mapping[str, str],
    opened: Mapping[str, Any],
    facts: Mapping[str, Any] | None,
) -> IdentityCheck:
    """Judge what a voice said against what was agreed (R32).

    A wrong code word fails whatever else is right: it may be said on purpose. `answers["agreed"]`
    answers the agreed question. `facts` are the household facts, given only when those may count.
    """
    known_word = opened.get("code_word")
    if code_word.strip():
        is_right = bool(known_word) and same_words(code_word, str(known_word))
        return _checked(is_right, IdentityMeans.CODE_WORD)
    agreed = [entry["answer"] for entry in opened.get("agreed_questions") or ()]
    if agreed:
        said = answers.get("agreed", "")
        is_right = sum(same_words(said, answer) for answer in agreed) > 0
        return _checked(is_right, IdentityMeans.AGREED_QUESTIONS)
    if known_word or facts is None:
        return _checked(False, IdentityMeans.FAILED)
    right = [same_words(answers.get(name, ""), _said(facts.get(name))) for name in FACTS]
    wrong = [
        name
        for name, is_right in zip(FACTS, right, strict=True)
        if answers.get(name, "").strip() and facts.get(name) and not is_right
    ]
    is_right = sum(right) >= FACTS_NEEDED and not wrong
    return _checked(is_right, IdentityMeans.AGREED_QUESTIONS)


def may_use_facts(
    *, is_sensitive: bool, phone_kind: PhoneKind | None, others_on_number: Collection[object]
) -> bool:
    """Tell whether household facts may prove identity: never where a household may listen (R32, R33)."""
    is_private = phone_kind in (None, PhoneKind.OWN)
    return not is_sensitive and is_private and not others_on_number


def same_words(said: str, known: str) -> bool:
    """Compare words as the ear hears them, in constant time; nothing is never right."""
    left, right = (sha256(fold(text).encode()).digest() for text in (said, known))
    is_same = hmac.compare_digest(left, right)
    return is_same and bool(fold(said))


def _said(value: Any) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return " ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _checked(is_right: bool, means: IdentityMeans) -> IdentityCheck:
    return IdentityCheck(is_right, means if is_right else IdentityMeans.FAILED)
