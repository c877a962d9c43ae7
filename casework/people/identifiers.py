"""What a person can be found by, in the one form that can be compared: phone, email, handle, name."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

from casework.database import Refused

HOME = "CA"
# Area code and exchange both begin with 2 to 9; a list of area codes would refuse next year's.
NORTH_AMERICAN = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}", re.ASCII)
EXTENSION = re.compile(r"(poste|ext|extension|x|#)\.?\s*[0-9]+\s*$", re.IGNORECASE)
POSTAL_START = re.compile(r"\b[A-Z][0-9][A-Z](\s*[0-9][A-Z][0-9])?\b", re.IGNORECASE)


class ImpossiblePhone(Refused):
    """No phone in the world has this number."""

    message = _l("This phone number is not possible. Write it with its area code: 514-555-0142.")
    field = "phone"


class PhoneTooShort(Refused):
    """The area code, or more, is missing."""

    message = _l("This phone number is too short. Write the area code too: 514-555-0142.")
    field = "phone"


class PhoneTooLong(Refused):
    """There are too many digits, or an extension."""

    message = _l("This phone number is too long. Leave out any extension: 514-555-0142.")
    field = "phone"


class ImpossibleEmail(Refused):
    """No mailbox can have this address."""

    message = _l("This email address is not possible. Write it like name@example.ca.")
    field = "email"


def normalise_phone(text: str) -> str:
    """Give a number in E.164, read as Canadian unless it begins with +; raise a Refused that says why."""
    if EXTENSION.search(text):
        raise PhoneTooLong
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        raise ImpossiblePhone from None
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict == phonenumbers.ValidationResult.TOO_LONG:
        raise PhoneTooLong
    if verdict in (
        phonenumbers.ValidationResult.TOO_SHORT,
        phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
    ):
        raise PhoneTooShort
    if verdict != phonenumbers.ValidationResult.IS_POSSIBLE or not _can_be_dialled(number):
        raise ImpossiblePhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _can_be_dialled(number: phonenumbers.PhoneNumber) -> bool:
    if number.country_code != 1:
        return True
    digits = phonenumbers.national_significant_number(number)
    return NORTH_AMERICAN.fullmatch(digits) is not None


def normalise_email(text: str) -> str:
    """Give an address in lower case; raise ImpossibleEmail when no mailbox can have it."""
    try:
        checked = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise ImpossibleEmail from None
    return str(checked.normalized).lower()


def normalise_handle(text: str) -> str:
    """Give a chat handle in the form it is compared in: no case, no spaces, no leading @."""
    joined = "".join(unicodedata.normalize("NFKC", text).split())
    return joined.removeprefix("@").casefold()


def fold(text: str) -> str:
    """Give words as the ear hears them: no case, no accents, no punctuation, single spaces."""
    # Once before and once after: casefolding undoes some of the decomposition.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(
        sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign)
    )
    return " ".join(letters.split())


def holds_postal_code(text: str) -> bool:
    """Tell whether a text holds a Canadian postal code, or only its first three characters (R19)."""
    return POSTAL_START.search(text) is not None
