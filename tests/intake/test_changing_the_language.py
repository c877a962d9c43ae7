"""The language link on a half-filled New case page: everything typed comes along, nothing happens."""

from typing import Any

from sqlalchemy import func, select

from casework.cases.models import Case
from tests.intake.filling import answers


def in_french(browser: Any, fields: dict[str, Any]) -> str:
    """Press the language link with a form half filled; the browser sends the fields on (307)."""
    browser.get("/cases/new")
    carried = fields | {"page_language": "fr_CA", "next": "/cases/new", "kept": "1"}
    answer = browser.post("/language", carried)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/cases/new")
    again = browser.post("/cases/new", carried)
    assert again.status_code == 200
    return str(again.get_data(as_text=True))


def test_everything_typed_is_there_and_no_error_is(world: Any, visitor: Any) -> None:
    """screens.md section 6; what is still missing is not asked for yet."""
    half = {
        "keep": "yes",
        "phone": "514-555",
        "safe_name": "Maya",
        "next_on": "tomorow",
        "adults": "x",
    }
    page = in_french(visitor(world.amina), half)
    assert '<html lang="fr-CA"' in page
    for typed in ("514-555", "Maya", "tomorow"):
        assert f'value="{typed}"' in page
    assert 'aria-invalid="true"' not in page
    assert 'class="errors"' not in page
    assert "Erreur" not in page


def test_a_complete_form_saves_nothing(db: Any, world: Any, visitor: Any) -> None:
    in_french(visitor(world.amina), answers())
    assert db.session.scalar(select(func.count()).select_from(Case)) == 0


def test_the_form_can_be_saved_from_the_french_page(db: Any, world: Any, visitor: Any) -> None:
    """The token of a page that came back is good, and no other page's has gone stale."""
    browser = visitor(world.amina)
    in_french(browser, answers())
    assert browser.post("/cases/new", answers()).status_code == 302
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1


def test_a_persons_language_is_not_mistaken_for_the_pages(world: Any, visitor: Any) -> None:
    """Both stand in one POST."""
    page = in_french(visitor(world.amina), answers(spoken="other", their_language="so"))
    assert 'value="so" selected' in page or 'selected value="so"' in page
