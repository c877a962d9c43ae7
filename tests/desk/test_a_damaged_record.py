"""A record that cannot be opened says so in words, and keeps nobody from the others (R11)."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.desk.contacts import due_now


def damage(db: Any, table: str, column: str, owner: str, row_id: Any) -> None:
    """Change one byte behind the application’s back."""
    changed = db.session.execute(
        text(
            f'UPDATE "{table}" SET {column} = set_byte({column}, 20, get_byte({column}, 20) # 1)'
            f" WHERE {owner} = :id"
        ),
        {"id": row_id},
    )
    assert changed.rowcount == 1
    db.session.commit()
    db.session.expire_all()


@pytest.mark.parametrize(
    ("language", "title", "advice"),
    [
        ("en-CA", "Part of this record cannot be read", "what is not known means no contact"),
        ("fr-CA", "Une partie de ce dossier est illisible", "sans certitude, aucun contact"),
    ],
)
def test_a_damaged_plan_stops_the_call_and_says_so(
    db: Any, visitor: Any, world: Any, clock: Any, language: str, title: str, advice: str
) -> None:
    case = due_now(world.amina, clock)
    damage(db, "contact_plan", "voicemail_rule", "person_id", case.person_id)
    browser = visitor(world.amina)
    browser.post("/language", {"page_language": language.replace("-", "_"), "next": "/my-day"})
    page = browser.get(f"/cases/{case.ref}")
    words = page.get_data(as_text=True)
    assert page.status_code == 500
    assert title in words
    assert advice in words
    assert "Start call" not in words


def test_a_damaged_name_leaves_the_rest_of_my_day_readable(
    db: Any, visitor: Any, world: Any, clock: Any
) -> None:
    damaged = due_now(world.amina, clock)
    whole = due_now(world.amina, clock, phone="514-555-0166")
    damage(db, "person", "safe_name", "id", damaged.person_id)
    page = visitor(world.amina).get("/my-day").get_data(as_text=True)
    assert whole.ref in page
    assert damaged.ref in page
