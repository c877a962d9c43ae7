"""References survive being said aloud: however typed they are read, and a typo opens nobody else."""

from hypothesis import given
from hypothesis import strategies as st

from casework.web.references import ALPHABET, new_reference, parse_reference

references = st.builds(lambda _: new_reference("C"), st.integers())


@given(references)
def test_a_reference_is_read_back_however_it_is_typed(ref: str) -> None:
    assert parse_reference(ref) == ref
    assert parse_reference(ref.lower()) == ref
    assert parse_reference(f" {ref[0]} {ref[2:5]} {ref[5:]} ") == ref


@given(references, st.integers(2, 7), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_no_reference_at_all(ref: str, place: int, sign: str) -> None:
    wrong = ref[:place] + sign + ref[place + 1 :]
    assert wrong == ref or parse_reference(wrong) is None


@given(references, st.integers(2, 6))
def test_two_swapped_neighbours_are_no_reference_at_all(ref: str, place: int) -> None:
    swapped = ref[:place] + ref[place + 1] + ref[place] + ref[place + 2 :]
    assert swapped == ref or parse_reference(swapped) is None


@given(st.text(max_size=12))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    found = parse_reference(text)
    assert found is None or found[0] in "CR"


def test_no_two_signs_look_alike() -> None:
    assert not set("01IOL") & set(ALPHABET)
    assert len(ALPHABET) == 31
