"""Takes single values out of a row: cleaned, within their limits, and with a remark where one was changed."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from casework.importing.reading.reasons import Reason
from casework.importing.reading.records import Read, Remark
from casework.importing.reading.repeats import repeats_of
from casework.importing.reading.texts import LONE, mend, strip_controls

NAME, LINE, LONG, ID = 200, 400, 20_000, 120
SHORT_NUMBERS = frozenset({"211", "911", "988", "811", "311"})
FALSE = frozenset({"", "no", "n", "false", "f", "0", "0.0", "non", "faux", "none", "null"})
CLOCK = re.compile(r"([01]?\d|2[0-4])[:h.]?([0-5]\d)?(?::[0-5]\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?")
# Beyond these years PostgreSQL may keep a moment that nobody can read again.
FIRST_YEAR, LAST_YEAR = 1970, 2999


def is_private(value: Any) -> bool:
    """Tell whether a mark hides something: all but a plain no does, however an export writes its yes."""
    return str(value).strip().casefold() not in FALSE


def mapping(value: Any) -> Mapping[str, Any]:
    """Give a nested object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Give the objects of a nested list; what is none of them is passed over."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


class Taker:
    """Takes the values of one row, and says in its remarks what had to be changed."""

    def __init__(self, read: Read) -> None:
        self.read = read

    def remark(self, reason: Reason, field: str = "") -> None:
        """Say once that something was repaired."""
        remark = Remark(reason, field)
        if remark not in self.read.remarks:
            self.read.remarks.append(remark)

    def text(self, value: Any, field: str, limit: int = LONG) -> str:
        """Give a text without what no database keeps; a nested object is no text and is left out."""
        if value is None:
            return ""
        if not isinstance(value, str):
            if isinstance(value, bool | int | float):
                return str(value)
            self.remark(Reason.NOT_TEXT, field)
            return ""
        text, was_stray = mend(value)
        text, was_dirty = strip_controls(text)
        if was_stray:
            self.remark(Reason.WRONG_ENCODING, field)
        if was_dirty:
            self.remark(Reason.CARRIAGE_RETURNS, field)
        text = LONE.sub("\ufffd", text.strip())
        if len(text) > limit:
            self.remark(Reason.SHORTENED, field)
            text = text[: limit - 1].rstrip() + "…"
        return text

    def line(self, value: Any, field: str, limit: int = LINE) -> str:
        """Give a text as one line."""
        return self.text(" ".join(self.text(value, field).split()), field, limit)

    def lines(self, values: Iterable[Any], field: str) -> list[str]:
        """Give one-line texts, each once, without empty ones."""
        found = (self.line(value, field) for value in values)
        return list(dict.fromkeys(text for text in found if text))

    def age(self, value: Any, field: str) -> int | None:
        """Give an age in whole years; months and days are fractions of one, rounded down."""
        number = self.number(value, field)
        if number is None or not 0 <= number <= 150:
            if number is not None:
                self.remark(Reason.BAD_NUMBER, field)
            return None
        return int(number)

    def number(self, value: Any, field: str) -> float | None:
        """Give a number, or None with a remark for what is none."""
        if value is None or value == "":
            return None
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            self.remark(Reason.BAD_NUMBER, field)
            return None
        return number

    def degree(self, value: Any, field: str, limit: int) -> float | None:
        """Give a latitude or longitude; nought is what software writes that does not know."""
        number = self.number(value, field)
        if number is not None and not (-limit <= number <= limit):
            self.remark(Reason.BAD_NUMBER, field)
            return None
        return number or None

    def phone(self, value: Any, field: str) -> str:
        """Give a number in its international spelling."""
        text = self.line(value, field, 60)
        if not text or text in SHORT_NUMBERS:
            return text
        try:
            number = phonenumbers.parse(text, "CA")
        except phonenumbers.NumberParseException:
            self.remark(Reason.BAD_PHONE, field)
            return ""
        if not phonenumbers.is_possible_number(number):
            self.remark(Reason.BAD_PHONE, field)
            return ""
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def email(self, value: Any, field: str) -> str:
        """Give an email address, or nothing with a remark."""
        text = self.line(value, field)
        if not text:
            return ""
        try:
            found = validate_email(
                text, check_deliverability=False, test_environment=True, allow_smtputf8=False
            )
        except (EmailNotValidError, ValueError):
            self.remark(Reason.BAD_EMAIL, field)
            return ""
        return found.ascii_email or found.normalized

    def url(self, value: Any, field: str) -> str:
        """Give a web address; only http and https are ever linked, anything else is left out."""
        text = self.line(value, field, 2_000)
        if not text or " " in text:
            return ""
        if "://" not in text and ":" not in text:
            text = f"https://{text}"
        return text if text.lower().startswith(("http://", "https://")) else ""

    def day(self, value: Any, field: str) -> date | None:
        """Give a date of the form 2026-11-24; a time behind it is passed over."""
        text = self.line(value, field, 40)
        if not text:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            self.remark(Reason.BAD_TIME, field)
            return None

    def clock(self, value: Any, field: str) -> time | None:
        """Give a time on the wall; its offset, if any, is read elsewhere. 24:00 is the end of a day."""
        text = self.line(value, field, 40)
        if not text:
            return None
        found = CLOCK.fullmatch(text)
        if found is None:
            self.remark(Reason.BAD_TIME, field)
            return None
        return time(int(found[1]) % 24, int(found[2] or 0))

    def moment(self, value: Any, field: str) -> datetime | None:
        """Give a moment; without an offset it is read as UTC."""
        text = self.line(value, field, 40)
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            self.remark(Reason.BAD_TIME, field)
            return None
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            self.remark(Reason.BAD_TIME, field)
            return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def withheld(self, text: str, secrets: Iterable[str], field: str) -> str:
        """Take a confidential address out of a text that repeats it (R20)."""
        clean = repeats_of(tuple(secrets)).without(text)
        if clean != text:
            self.remark(Reason.ADDRESS_WITHHELD, field)
        return clean
