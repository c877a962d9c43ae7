"""Verifying: an intact chain holds, and every kind of tampering is found where it happened."""

from dataclasses import asdict

import pytest
from sqlalchemy import Connection, text

from casework.audit import VerifyResult, verify

# Written out, so that two processes of one run give the tests the same names.
ANOTHER = "7d9d2666-69b4-4359-9183-f2f1fbc4fcf4"
# A copy of entry 7, or a person more, with another number or time.
COPY = (
    "INSERT INTO audit_entry SELECT {seq}, {at_us}, service_id, actor_kind, actor_id, action,"
    " object_type, object_id, is_refused, purpose, fields, detail, prev, hash"
    " FROM audit_entry WHERE seq = 7"
)
ONE_MORE = (
    "INSERT INTO audit_subject (seq, at_us, person_id, service_id)"
    f" SELECT {{seq}}, at_us, '{ANOTHER}', service_id FROM audit_entry WHERE seq = 7"
)
ONE_PERSON = "ctid = (SELECT min(ctid) FROM audit_subject WHERE seq = 7)"

EDITS = [
    "at_us = at_us + 1",
    f"service_id = '{ANOTHER}'",
    "service_id = NULL",
    "actor_kind = 'command'",
    f"actor_id = '{ANOTHER}'",
    "action = 'case:close'",
    "object_type = 'person'",
    "object_id = NULL",
    "object_id = ''",
    "is_refused = true",
    "purpose = 'covering'",
    "fields = '{}'",
    "fields = '{phone,full_name}'",
    "fields = ARRAY[NULL]::text[]",
    "detail = NULL",
    "detail = '{}'",
    "detail = '\"text\"'",
    "detail = '{\"number\": 3.5}'",
    "detail = detail || '{\"number\": 99}'",
    "prev = hash",
    "prev = ''",
    "hash = prev",
    "hash = ''",
]


def tampered(ledger: Connection, *statements: str) -> VerifyResult:
    """Change the tables as their owner could, triggers off, and verify in small batches."""
    for statement in statements:
        assert ledger.execute(text(statement)).rowcount != 0
    return verify(ledger, batch=4)


def test_an_intact_chain_holds_up_to_its_head(ledger: Connection) -> None:
    result = verify(ledger, batch=4)
    assert (result.entries, result.broken_at, result.reason) == (12, None, None)
    assert len(result.head) == 64


@pytest.mark.parametrize("batch", [1, 5, 12, 13])
def test_the_size_of_a_batch_does_not_matter(ledger: Connection, batch: int) -> None:
    assert verify(ledger, batch) == verify(ledger)


def test_an_empty_chain_is_intact(empty_ledger: Connection) -> None:
    assert asdict(verify(empty_ledger)) == {
        "entries": 0,
        "head": "00" * 32,
        "broken_at": None,
        "reason": None,
    }


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_entry_is_found(ledger: Connection, edit: str) -> None:
    result = tampered(ledger, f"UPDATE audit_entry SET {edit} WHERE seq = 7")
    assert result.broken_at == 7
    assert result.reason == ("unlinked" if edit.startswith("prev") else "altered")
    assert result.entries == 6


@pytest.mark.parametrize(
    ("statement", "broken_at", "reason"),
    [
        ("DELETE FROM audit_entry WHERE seq = 7", 7, "missing"),
        ("DELETE FROM audit_entry WHERE seq <= 3", 1, "missing"),
        ("DELETE FROM audit_entry WHERE seq > 9", 10, "missing"),
        ("DELETE FROM audit_entry", 1, "missing"),
        ("DELETE FROM audit_subject WHERE seq = 7", 7, "altered"),
        (f"UPDATE audit_subject SET person_id = '{ANOTHER}' WHERE {ONE_PERSON}", 7, "altered"),
        ("UPDATE audit_subject SET at_us = 0 WHERE seq = 7", 7, "altered"),
        (f"UPDATE audit_subject SET service_id = '{ANOTHER}' WHERE seq = 7", 7, "altered"),
        ("UPDATE audit_subject SET seq = 8 WHERE seq = 7", 7, "altered"),
        (COPY.format(seq=7, at_us="at_us + 1"), 8, "inserted"),
        (COPY.format(seq=0, at_us="at_us"), 1, "inserted"),
        (COPY.format(seq=13, at_us="at_us"), 13, "inserted"),
        ("UPDATE audit_head SET seq = 11", 12, "head"),
        ("UPDATE audit_head SET seq = 13", 13, "missing"),
        ("UPDATE audit_head SET hash = ''", 13, "head"),
        ("DELETE FROM audit_head", 0, "head"),
        (ONE_MORE.format(seq=7), 7, "altered"),
        (ONE_MORE.format(seq=0), 13, "inserted"),
        (ONE_MORE.format(seq=13), 13, "inserted"),
    ],
)
def test_what_is_removed_moved_or_put_in_is_found(
    ledger: Connection, statement: str, broken_at: int, reason: str
) -> None:
    result = tampered(ledger, statement)
    assert (result.broken_at, result.reason) == (broken_at, reason)


def test_entries_that_changed_places_are_found(ledger: Connection) -> None:
    result = tampered(
        ledger,
        "UPDATE audit_entry SET seq = -1 WHERE seq = 7",
        "UPDATE audit_entry SET seq = 7 WHERE seq = 8",
        "UPDATE audit_entry SET seq = 8 WHERE seq = -1",
    )
    assert (result.broken_at, result.reason) == (7, "unlinked")


def test_an_entry_removed_with_all_numbers_closed_up_is_found(ledger: Connection) -> None:
    result = tampered(
        ledger,
        "DELETE FROM audit_entry WHERE seq = 7",
        "UPDATE audit_entry SET seq = seq - 1 WHERE seq > 7",
        "UPDATE audit_head SET seq = seq - 1",
    )
    assert (result.broken_at, result.reason) == (7, "unlinked")


def test_cutting_the_end_off_together_with_the_head_is_the_stated_limit(ledger: Connection) -> None:
    """Only a checkpoint kept elsewhere can show this; the document says so."""
    result = tampered(
        ledger,
        "UPDATE audit_head SET seq = 9, hash = (SELECT hash FROM audit_entry WHERE seq = 9)",
        "DELETE FROM audit_entry WHERE seq > 9",
        "DELETE FROM audit_subject WHERE seq > 9",
    )
    assert result.is_intact
