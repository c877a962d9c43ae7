"""The pages of a person: only with access, everything typed kept, both versions side by side."""

import uuid
from typing import Any

import pytest

from casework import database
from casework.audit import queries as audit
from casework.cases import services as cases
from casework.cases.models import Case, CaseStatus
from casework.directory.needs import NeedCode
from casework.people import queries, services
from casework.people.models import Person, Purpose, WhenToCall
from tests.people.records import keep_person


@pytest.fixture
def maya(world: Any, db: Any) -> Person:
    """Give a person whose case Amina opened, saved."""
    person = keep_person(world.amina.actor, details={"area": "Laval"})
    cases.open_case(world.amina.actor, person, needs=[NeedCode.FOOD])
    database.commit()
    return person


def page(person: Person, name: str) -> str:
    """Give the address of one of a person's pages."""
    return f"/people/{person.id}/{name}"


def plan_form(world: Any, person: Person, **changes: Any) -> dict[str, Any]:
    """Fill the safe-contact form."""
    version = queries.plan_of(world.amina.actor, person.id).version
    return {
        "version": version,
        "when": "windows",
        "windows-0-days": ["0", "2"],
        "windows-0-start": "09:00",
        "windows-0-end": "11:30",
        "time_zone": "America/Toronto",
        "voicemail_rule": "never",
    } | changes


@pytest.mark.parametrize("name", ["contact-plan", "details", "consents"])
def test_only_who_has_access_may_open_it(visitor: Any, world: Any, maya: Person, name: str) -> None:
    assert visitor(world.amina).get(page(maya, name)).status_code == 200
    for other in (world.louis, world.sophie, world.marc, world.agency, world.outsider):
        assert visitor(other).get(page(maya, name)).status_code == 404
    assert visitor().get(page(maya, name)).status_code == 302


def test_a_person_nobody_knows_is_not_found(visitor: Any, world: Any, db: Any) -> None:
    assert visitor(world.amina).get(f"/people/{uuid.uuid4()}/details").status_code == 404


def test_safe_contact_is_saved_and_leads_back_to_the_case(
    visitor: Any, world: Any, maya: Person, db: Any
) -> None:
    amina = visitor(world.amina)
    answer = amina.submit(
        page(maya, "contact-plan"), plan_form(world, maya, cover_name="Julie", caller_id="yes")
    )
    assert answer.status_code == 302
    assert "/cases/C-" in answer.headers["Location"]
    plan = services.open_own_plan(world.amina.actor, maya, purpose="test")
    assert plan.cover_name == "Julie"
    assert plan.is_caller_id_shown
    assert plan.has_code_word, "an empty line keeps the code word"
    assert plan.windows[0].days == {0, 2}


def test_the_code_word_is_never_on_the_page(visitor: Any, world: Any, maya: Person) -> None:
    text = visitor(world.amina).get(page(maya, "contact-plan")).get_data(as_text=True)
    assert "heron" not in text.lower()
    assert "A code word is agreed" in text


@pytest.mark.parametrize(
    ("member", "changes", "message"),
    [
        ("amina", {"windows-0-end": "08:00"}, "These hours end before they start."),
        ("amina", {"windows-0-start": ""}, "These hours are not complete"),
        ("amina", {"windows-0-days": [], "windows-0-start": "", "windows-0-end": ""},
         "Write at least one row of agreed hours"),
        ("amina", {"time_zone": "Eastern"}, "Choose a time zone from the list."),
        ("amina", {"voicemail_rule": ""}, "Say whether a voicemail may be left."),
        ("amina", {"code_word": "?"}, "at least three letters or digits"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_keeps_all_that_was_typed(
    visitor: Any, world: Any, maya: Person, member: str, changes: dict[str, Any], message: str
) -> None:
    browser = visitor(getattr(world, member))
    form = plan_form(world, maya, cover_name="Julie of the library") | changes
    answer = browser.submit(page(maya, "contact-plan"), form)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert message in text
    assert "Julie of the library" in text
    plan = services.open_own_plan(world.amina.actor, maya, purpose="test")
    assert plan.cover_name is None


def test_when_two_people_save_a_plan_both_versions_stand_there(
    visitor: Any, world: Any, maya: Person
) -> None:
    amina = visitor(world.amina)
    amina.get(page(maya, "contact-plan"))
    form = plan_form(world, maya, cover_name="Julie")
    services.change_plan(
        world.louis.actor, maya, plan={"when": "will_call_us", "cover_name": "Marie"}
    )
    database.commit()
    answer = amina.post(page(maya, "contact-plan"), form)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Saved by somebody else" in text
    assert "Marie" in text
    assert "Julie" in text
    plan = services.open_own_plan(world.amina.actor, maya, purpose="test")
    assert plan.when is WhenToCall.WILL_CALL_US
    again = plan_form(world, maya, cover_name="Julie")
    assert f'value="{again["version"]}"' in text, "saving again is now a choice"
    assert amina.post(page(maya, "contact-plan"), again).status_code == 302


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"phone": "555-0142"}, "This phone number is too short."),
        ({"phone": "000-000-0000"}, "This phone number is not possible."),
        ({"email": "maya@"}, "This email address is not possible."),
        ({"language": "klingon"}, "Choose a language from the list."),
        ({"children_ages": "two"}, "Write children’s ages in years"),
        ({"pets": "x" * 100_000}, "This is too long"),
    ],
)
def test_details_that_cannot_be_keep_all_that_was_typed(
    visitor: Any, world: Any, maya: Person, changes: dict[str, str], message: str
) -> None:
    form = {"version": maya.version, "safe_name": "Maia", "language": "fr"} | changes
    answer = visitor(world.amina).submit(page(maya, "details"), form)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert message in text
    assert 'value="Maia"' in text
    if "language" not in changes:
        assert next(iter(changes.values()))[:2_000] in text


def test_the_message_is_in_the_readers_language(visitor: Any, world: Any, maya: Person) -> None:
    services.grant_access(world.amina.actor, maya.id, world.louis.account_id, queries.OWNING[1])
    database.commit()
    form = {"version": maya.version, "language": "fr", "phone": "555-0142"}
    text = visitor(world.louis).submit(page(maya, "details"), form).get_data(as_text=True)
    assert 'lang="fr-CA"' in text
    assert "This phone number" not in text


def test_when_two_people_save_details_both_versions_stand_there(
    visitor: Any, world: Any, maya: Person
) -> None:
    amina = visitor(world.amina)
    amina.get(page(maya, "details"))
    seen = maya.version
    services.change_details(world.louis.actor, maya, details={"pets": "two cats"})
    database.commit()
    form = {"version": seen, "language": "en", "pets": "a dog"}
    text = amina.post(page(maya, "details"), form).get_data(as_text=True)
    assert "two cats" in text
    assert "a dog" in text
    opened = services.open_details(world.amina.actor, maya, "pets", purpose="test")
    assert opened == {"pets": "two cats"}


def test_an_altered_version_never_overwrites(visitor: Any, world: Any, maya: Person) -> None:
    for version in ("", "x", "999999999999", "-1"):
        form = {"version": version, "language": "en", "pets": "a dog"}
        answer = visitor(world.amina).submit(page(maya, "details"), form)
        assert answer.status_code == 422
    opened = services.open_details(world.amina.actor, maya, "pets", purpose="test")
    assert opened == {"pets": None}


def test_a_sensitive_record_has_no_line_for_an_area(visitor: Any, world: Any, maya: Person) -> None:
    """R19."""
    services.mark_sensitive(world.amina.actor, maya)
    database.commit()
    amina = visitor(world.amina)
    assert 'name="area"' not in amina.get(page(maya, "details")).get_data(as_text=True)
    form = {"version": maya.version, "language": "en", "area": "H2X"}
    amina.post(page(maya, "details"), form)
    assert maya.area is None


def test_a_stale_token_gives_back_what_was_typed(visitor: Any, world: Any, maya: Person) -> None:
    amina = visitor(world.amina)
    amina.get(page(maya, "details"))
    form = {"version": maya.version, "language": "en", "safe_name": "Maia"}
    answer = amina.post(page(maya, "details"), form, token="stale")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "What you typed is still here" in text
    assert 'value="Maia"' in text


def test_a_consent_is_recorded_question_by_question(visitor: Any, world: Any, maya: Person) -> None:
    amina = visitor(world.amina)
    form = {
        "purpose": "share_with_partner",
        "is_given": "yes",
        "category": "food",
        "how_given": "verbal",
        "language": "en",
    }
    assert amina.submit(page(maya, "consents"), form).status_code == 302
    found = queries.active_consent(
        world.amina.actor,
        maya.id,
        Purpose.SHARE_WITH_PARTNER,
        database.now(),
        need=NeedCode.FOOD,
    )
    assert found is not None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"purpose": ""}, "Choose the question that was asked."),
        ({"is_given": ""}, "Record the answer: yes or no."),
        ({"language": "zz"}, "Choose a language from the list."),
        ({"purpose": "share_with_partner"}, "Say with whom"),
        ({"expires_on": "2020-01-01"}, "would end in the past"),
        ({"expires_on": "2090-01-01"}, "would last too long"),
        ({"expires_on": "9999-12-31"}, "would last too long"),
    ],
)
def test_an_answer_that_is_not_clear_is_refused_with_words(
    visitor: Any, world: Any, maya: Person, changes: dict[str, str], message: str
) -> None:
    form = {"purpose": "call_back", "is_given": "yes", "how_given": "verbal", "language": "en"}
    answer = visitor(world.amina).submit(page(maya, "consents"), form | changes)
    assert answer.status_code == 422
    assert message in answer.get_data(as_text=True)


def test_a_withdrawal_is_said_aloud_and_then_one_act(
    visitor: Any, world: Any, maya: Person, db: Any
) -> None:
    """R5, R31."""
    amina = visitor(world.amina)
    url = page(maya, "consents/withdraw/keep_case")
    assert "I will close your record" in amina.get(url).get_data(as_text=True)
    assert amina.post(url).status_code == 302
    case = db.session.query(Case).filter_by(person_id=maya.id).one()
    assert case.status is CaseStatus.CLOSED
    assert amina.get(page(maya, "consents/withdraw/anything")).status_code == 404


def test_opening_the_details_page_is_written_down(visitor: Any, world: Any, maya: Person) -> None:
    """R21: who, what, whose and why."""
    visitor(world.amina).get(page(maya, "details"))
    entry = audit.latest(world.amina.actor, audit.EntryFilter(action="person:open"))
    assert entry is not None
    assert entry.purpose == "change"
    assert "phone" in entry.fields
    assert entry.object_id == str(maya.id)
