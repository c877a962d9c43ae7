"""Passphrases: hashed slowly, compared in equal time, and refused when anybody would try them."""

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from casework.security import passwords
from casework.security.passwords import WeakPassphrase, check_strength

REAL = passwords.hasher
GOOD = [
    "quiet river under green bridge",
    "quatre hérons sur un lac gelé",
    "fifteen letters",
    "日本語の長い合言葉をここに書きます",
    "!(%&$*@#^)!~{}[]",
    "my cat sleeps on 3 red chairs",
    "x" + "n'oublie jamais la clé du grenier",
    "a different sentence of two hundred and fifty-six characters " + "z1y2x3w4" * 24,
]
WEAK = [
    "",
    "fourteen chars",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcabcabcabcabcabc",
    "1234512345123451",
    "12121212121212121",
    "correct horse battery staple",
    "Correct-Horse-Battery-Staple!",
    "Mot de passe, mot de passe",
    "to be or not to be",
    "Je me souviens!!! 1978",
    "qwertyuiopasdfgh",
    "123456789012345",
    "motdepassemotdepasse2026",
    "casework casework",
    "casework 211 211 211 211",
    "z" * 257,
]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hasher", PasswordHasher.from_parameters(CHEAPEST))


@pytest.mark.parametrize("password", GOOD)
def test_a_passphrase_of_ones_own_is_taken_whatever_its_signs(password: str) -> None:
    """ASVS 6.2.1, 6.2.5: 15 or more, no composition rule."""
    check_strength(password, ("amina@north.example", "Amina R.", "North River 211"))


@pytest.mark.parametrize("password", WEAK)
def test_what_anybody_would_try_is_refused(password: str) -> None:
    """ASVS 6.2.4."""
    with pytest.raises(WeakPassphrase):
        check_strength(password)


@pytest.mark.parametrize(
    "password",
    [
        "amina north river 211",
        "Amina@North.example1",
        "North River 211 casework",
        "AMINAaminaAMINA1",
    ],
)
def test_context_words_alone_are_refused(password: str) -> None:
    """ASVS 6.2.11."""
    with pytest.raises(WeakPassphrase):
        check_strength(password, ("amina@north.example", "Amina R.", "North River 211"))


def test_every_word_of_the_list_is_in_the_form_it_is_compared_in() -> None:
    assert all(passwords._letters(word) == word for word in passwords.COMMON)


def test_a_passphrase_opens_and_another_does_not() -> None:
    stored = passwords.hash_password(GOOD[0])
    assert stored.startswith("$argon2id$")
    assert GOOD[0] not in stored
    assert passwords.verify_password(stored, GOOD[0])
    assert not passwords.verify_password(stored, GOOD[0] + " ")
    assert not passwords.verify_password(stored, GOOD[0].upper())
    assert not passwords.verify_password(stored, "")


def test_the_same_passphrase_is_stored_differently_each_time() -> None:
    assert passwords.hash_password(GOOD[0]) != passwords.hash_password(GOOD[0])


def test_nothing_is_cut() -> None:
    """ASVS 6.2.8, 6.2.9."""
    long = "a" * 100 + "b" * 100
    assert not passwords.verify_password(passwords.hash_password(long), long[:-1])


def test_two_keyboards_write_the_same_accent() -> None:
    stored = passwords.hash_password("quatre h\u00e9rons sur un lac gel\u00e9")
    assert passwords.verify_password(stored, "quatre he\u0301rons sur un lac gele\u0301")


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$x$y"])
def test_without_a_readable_hash_nothing_opens(stored: str | None) -> None:
    assert not passwords.verify_password(stored, "nobody has this passphrase")


def test_other_parameters_ask_for_a_new_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """ASVS 11.4.2."""
    stored = passwords.hash_password(GOOD[0])
    assert not passwords.needs_rehash(stored)
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=2, memory_cost=16))
    assert passwords.needs_rehash(stored)
    assert passwords.verify_password(stored, GOOD[0])


def test_what_runs_here_is_not_weaker_than_what_was_measured() -> None:
    """engine.md section 6: argon2id with 19 MiB, two passes."""
    assert REAL.memory_cost >= 19 * 1024
    assert REAL.time_cost >= 2
