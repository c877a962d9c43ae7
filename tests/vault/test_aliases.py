"""An alias tells hands apart at one object, and joins nothing from one object to the next (R16)."""

from typing import Any
from uuid import uuid4

import pytest

from casework import vault
from casework.vault.keyring import parse_ring


def test_the_same_hands_at_the_same_object_have_one_alias(app: Any) -> None:
    service, request, account = uuid4(), uuid4(), uuid4()
    with app.app_context():
        first = vault.alias(service, request, account)
        assert first == vault.alias(service, request, account)
        assert first in vault.aliases(service, request, account)


def test_nothing_joins_two_objects_two_accounts_or_two_services(app: Any) -> None:
    service, request, account = uuid4(), uuid4(), uuid4()
    with app.app_context():
        found = {
            vault.alias(service, request, account),
            vault.alias(service, uuid4(), account),
            vault.alias(service, request, uuid4()),
            vault.alias(uuid4(), request, account),
        }
    assert len(found) == 4
    assert not found & {service, request, account}


def test_another_key_gives_another_alias(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the database alone leads to nobody."""
    service, request, account = uuid4(), uuid4(), uuid4()
    with app.app_context():
        ours = vault.alias(service, request, account)
        stolen = parse_ring(vault.fresh_ring(), "stolen")
        monkeypatch.setattr("casework.vault.pseudonyms.ring", lambda: stolen)
        monkeypatch.setattr("casework.vault.pseudonyms.ring_with", lambda index: stolen)
        assert ours != vault.alias(service, request, account)
