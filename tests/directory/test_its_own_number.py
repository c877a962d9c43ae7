"""The number of a service: the line somebody answers, in whichever order they were published; else its agency’s."""

import pytest

from casework.directory.listing_models import Phone
from casework.directory.models import DirectoryService, Organization

AGENCY = "+15145550100"
VOICE, CELL, UNSAID = "+15145550101", "+15145550102", "+15145550103"
FAX, TEXT = "+15145550104", "+15145550105"


def offer(*lines: tuple[str, str] | tuple[str, str, str]) -> DirectoryService:
    """Give a service with these lines: number, kind and extension."""
    phones = [
        Phone(number=number, kind=kind, extension=extension[0] if extension else "")
        for number, kind, *extension in lines
    ]
    return DirectoryService(phones=phones, organization=Organization(phone=AGENCY))


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("best", "other"),
    [
        ((VOICE, "voice"), (UNSAID, "")),
        ((VOICE, "Voice"), (CELL, "cell")),
        ((CELL, "cell"), (UNSAID, "")),
        ((UNSAID, ""), (FAX, "fax")),
        ((UNSAID, ""), (TEXT, "text")),
        ((UNSAID, ""), ("", "voice")),
    ],
)
def test_the_line_said_to_be_for_voices_is_called_wherever_it_stands(
    best: tuple[str, str], other: tuple[str, str], is_first: bool
) -> None:
    """HSDS lists the lines of a service in any order."""
    lines = (best, other) if is_first else (other, best)
    assert offer(*lines).number == best[0]


@pytest.mark.parametrize(
    "kind", ["fax", "FAX", "text", "sms", "textphone", "tty", "pager", "video"]
)
def test_a_line_nobody_answers_is_never_called_even_where_there_is_no_other(kind: str) -> None:
    assert offer((FAX, kind)).number == AGENCY


def test_without_a_line_of_its_own_its_agency_is_called() -> None:
    assert offer().number == AGENCY
    assert offer(("", "voice")).number == AGENCY


@pytest.mark.parametrize(
    ("extension", "number"),
    [("12", f"{VOICE};ext=12"), ("", VOICE), ("front desk", VOICE), ("12;isub=9", VOICE)],
)
def test_only_an_extension_that_can_be_dialled_goes_into_the_number(
    extension: str, number: str
) -> None:
    """A source writes words there as well: in a tel: address they would lead nowhere."""
    assert offer((VOICE, "voice", extension)).number == number
