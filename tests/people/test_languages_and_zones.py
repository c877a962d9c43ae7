"""Languages by BCP 47 tag and zones by IANA name, each with words for both readers."""

import pytest

from casework.people import languages, time_zones


@pytest.mark.parametrize("locale", ["en_CA", "fr_CA"])
def test_at_least_150_languages_have_a_name(locale: str) -> None:
    listed = languages.choices(locale)
    assert len(listed) > 150
    assert all(name and name != tag for tag, name in listed)
    assert listed[0][0] == "en"
    assert listed[1][0] == "fr"


@pytest.mark.parametrize("locale", ["en_CA", "fr_CA"])
def test_no_two_languages_carry_the_same_name(locale: str) -> None:
    names = [name for _, name in languages.choices(locale)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "tag", ["fcs", "ase", "prs", "cr", "crk", "iu", "ike", "moe", "nsk", "ht", "ar"]
)
def test_the_languages_of_the_calls_are_there(tag: str) -> None:
    assert languages.is_known(tag)
    assert languages.name(tag, "fr_CA") != tag


@pytest.mark.parametrize("tag", ["", "xx", "english", "fr_CA_x", "und"])
def test_an_unknown_tag_is_not_a_language(tag: str) -> None:
    assert not languages.is_known(tag)
    assert languages.name(tag) == tag


def test_a_name_is_written_in_the_readers_language() -> None:
    assert languages.name("es", "en_CA") == "Spanish"
    assert languages.name("es", "fr_CA") == "Espagnol"


@pytest.mark.parametrize("locale", ["en_CA", "fr_CA"])
def test_canadas_zones_come_first(locale: str) -> None:
    first = [zone for zone, _ in time_zones.choices(locale)[: len(time_zones.CANADIAN)]]
    assert first == list(time_zones.CANADIAN)
    assert {"America/St_Johns", "America/Regina", "America/Whitehorse"} <= set(first)


def test_every_zone_offered_is_known() -> None:
    assert all(time_zones.is_known(zone) for zone, _ in time_zones.choices("en_CA"))
    assert not time_zones.is_known("Eastern")
    assert not time_zones.is_known("UTC-5")
