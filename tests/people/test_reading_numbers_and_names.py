"""Phones, emails, handles and names in the one form in which they are compared (R37)."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.database import Refused
from casework.people.identifiers import (
    ImpossibleEmail,
    ImpossiblePhone,
    PhoneTooLong,
    PhoneTooShort,
    fold,
    holds_postal_code,
    normalise_email,
    normalise_handle,
    normalise_phone,
)


@pytest.mark.parametrize(
    "typed",
    ["514-555-0142", "(514) 555 0142", "1 514 555.0142", "+1 514 555 0142", " 5145550142 "],
)
def test_a_canadian_number_is_the_same_however_it_is_typed(typed: str) -> None:
    assert normalise_phone(typed) == "+15145550142"


def test_a_number_from_elsewhere_keeps_its_country() -> None:
    assert normalise_phone("+33 1 23 45 67 89") == "+33123456789"


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("555-0142", PhoneTooShort),
        ("911", PhoneTooShort),
        ("514-555-0142-33-44-55", PhoneTooLong),
        ("514-555-0142 poste 12", PhoneTooLong),
        ("514-555-0142 ext. 3", PhoneTooLong),
        ("111-111-1111", ImpossiblePhone),
        ("014-555-0142", ImpossiblePhone),
        ("514-155-0142", ImpossiblePhone),
        ("her mother's", ImpossiblePhone),
    ],
)
def test_an_impossible_number_is_refused_with_the_reason(
    typed: str, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as caught:
        normalise_phone(typed)
    assert caught.value.field == "phone"
    assert typed not in str(caught.value)


@given(
    st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True),
    st.lists(st.sampled_from(" -."), min_size=2, max_size=2),
)
def test_every_number_that_can_be_dialled_here_comes_back_unchanged(
    digits: str, signs: list[str]
) -> None:
    typed = f"{digits[:3]}{signs[0]}{digits[3:6]}{signs[1]}{digits[6:]}"
    if phonenumbers.parse(typed, "CA").national_number == int(digits):
        assert normalise_phone(typed) == f"+1{digits}"
        assert normalise_phone(normalise_phone(typed)) == f"+1{digits}"


@given(st.text(max_size=40))
def test_whatever_is_typed_gives_a_number_or_a_clear_refusal(typed: str) -> None:
    try:
        number = normalise_phone(typed)
    except Refused as refusal:
        assert refusal.field == "phone"
    else:
        assert number.startswith("+")
        assert number[1:].isdecimal()


def test_an_email_is_compared_without_case() -> None:
    assert normalise_email(" Maya.T@Example.COM ") == "maya.t@example.com"


@pytest.mark.parametrize("typed", ["maya", "maya@", "@mail.example", "a b@mail.example"])
def test_an_impossible_email_is_refused(typed: str) -> None:
    with pytest.raises(ImpossibleEmail):
        normalise_email(typed)


def test_a_handle_is_compared_without_case_spaces_or_at_sign() -> None:
    assert normalise_handle(" @Maya _T ") == normalise_handle("maya_t")


def test_words_are_compared_as_the_ear_hears_them() -> None:
    assert fold("  L’Été,  à  Québec ") == fold("l'ete a quebec")
    assert fold("Šárka") == "sarka"


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("text", ["H2X 1Y4", "near h2x", "Laval H7N3W4", "K1A0B1"])
def test_a_postal_code_is_seen_even_in_part(text: str) -> None:
    """R19: not even its first three characters."""
    assert holds_postal_code(text)


@pytest.mark.parametrize("text", ["Montréal", "Région 06", "Zone B, 2nd half", ""])
def test_a_region_is_not_taken_for_a_postal_code(text: str) -> None:
    assert not holds_postal_code(text)
