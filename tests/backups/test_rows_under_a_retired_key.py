"""A backup whose rows stand under a key that is retired by now comes back whole, and takes no more of them."""

import pytest

from casework.vault import KeyRetired
from tests.backups.conftest import Site


def test_rows_under_a_retired_key_are_restored(site: Site) -> None:
    site.rows(site.name, "INSERT INTO retired_key VALUES ('keks', 1), ('index', 1)")
    keys = "SELECT owner_id, kek_id FROM data_key ORDER BY 1"
    terms = "SELECT owner_id, version, token FROM index_term ORDER BY 1, 3"
    into = site.new_database()
    restored = site.restore(site.backup(), into)
    assert "as in the backup" in restored.output, restored.output
    for question in (keys, terms):
        assert (found := site.rows(site.name, question))
        assert site.rows(into, question) == found
    for again in ("UPDATE data_key SET kek_id = 1", "UPDATE index_term SET version = 1"):
        with pytest.raises(KeyRetired):
            site.rows(into, again)
