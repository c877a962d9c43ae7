"""The blind index: one term for one value, and unrelated terms for everything else."""

import secrets
from uuid import uuid4

import pytest

from casework.vault.blind_index import TERMS, IndexKind, token, token_maker
from casework.vault.models import TOKEN_BITS

ROOT, SERVICE = secrets.token_bytes(32), uuid4()
VALUES = [f"+1514555{number:04d}" for number in range(50)]


def terms(
    root: bytes = ROOT, version: int = 1, service: object = SERVICE, kind: str = "phone"
) -> list[int]:
    return [token(root, version, service, IndexKind(kind), value) for value in VALUES]  # type: ignore[arg-type]


def test_the_same_value_gives_the_same_term() -> None:
    assert terms() == terms()


def test_a_term_has_24_bits() -> None:
    assert TOKEN_BITS == 24
    assert all(0 <= term < 2**24 for term in terms())
    assert max(terms()) > 2**20


@pytest.mark.parametrize(
    "other",
    [
        {"service": uuid4()},
        {"version": 2},
        {"root": secrets.token_bytes(32)},
        *({"kind": kind.value} for kind in IndexKind if kind is not IndexKind.PHONE),
    ],
)
def test_service_version_root_and_kind_separate_the_terms(other: dict[str, object]) -> None:
    """A stolen table of one service says nothing about another (R16)."""
    same = sum(one == two for one, two in zip(terms(), terms(**other), strict=True))  # type: ignore[arg-type]
    assert same <= 1


def test_every_kind_has_constants_of_its_own() -> None:
    assert set(TERMS) == set(IndexKind)
    assert len(set(TERMS.values())) == len(TERMS)


def test_different_values_rarely_share_a_term() -> None:
    many = {token(ROOT, 1, SERVICE, IndexKind.PHONE, str(number)) for number in range(2000)}
    assert len(many) >= 1995


def test_many_terms_are_what_each_is_alone() -> None:
    """Seeding derives the key of a kind once."""
    root, service = secrets.token_bytes(32), uuid4()
    make = token_maker(root, 3, service, "phone")
    for value in ("+15145550142", "+14165550199"):
        assert make(value) == token(root, 3, service, IndexKind.PHONE, value)
