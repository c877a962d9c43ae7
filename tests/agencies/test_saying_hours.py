"""An agency's members say when its services are open, or an administrator does on its behalf."""

from datetime import date, time
from typing import Any

from hypothesis import HealthCheck, given, settings
from werkzeug.datastructures import MultiDict

from casework import database, directory
from casework.agencies.hours_forms import HoursForm
from casework.directory.needs import NeedCode
from casework.directory.weekly import MOST_SPANS, Span, Weekly
from tests.agencies import scenes as here
from tests.directory.test_hours_said import weeks

OFFICE = {"how": "week", "day_0_0-start": "09:00", "day_0_0-end": "12:00", "day_0_1-start": "13:00",
          "day_0_1-end": "17:00", "day_4_0-start": "20:00", "day_4_0-end": "02:00"}  # fmt: skip
SAID = Weekly((Span(0, time(9), time(12)), Span(0, time(13), time(17)), Span(4, time(20), time(2))))


def home(world: Any) -> Any:
    [offer] = directory.capacity_queries.services_of(
        world.agency.actor, world.agency.organization_id
    )
    return offer


def word_on(world: Any, offer: Any) -> Any:
    database.enter_service(world.north.id)
    return directory.hours_queries.words_on(world.amina.actor, [offer.id]).get(offer.id)


def sent(form: HoursForm) -> MultiDict[str, str]:
    """Give what a browser sends of a form as it is shown."""
    fields: dict[str, str] = {name: str(form[name].data or "") for name in
                              ("how", "closed_from", "closed_until", "version")}  # fmt: skip
    for _name, rows in form.days:
        for row in rows:
            fields |= {row.form.start.name: row.form.start.data or "",
                       row.form.end.name: row.form.end.data or ""}  # fmt: skip
    return MultiDict(fields)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(weeks())
def test_the_form_gives_back_what_it_shows(app: Any, said: Weekly) -> None:
    if not said.spans and not said.is_all_hours:
        return
    if any(sum(span.day == day for span in said.spans) > MOST_SPANS for day in range(7)):
        return
    with app.test_request_context(method="POST"):
        shown = HoursForm(formdata=None, meta={"csrf": False})
        shown.show(said, 3)
        again = HoursForm(formdata=sent(shown), meta={"csrf": False})
        assert again.validate(), again.errors
        assert again.weekly() == said
        assert again.version.data == 3


def test_a_member_says_the_hours_and_the_navigators_see_them(
    app: Any, world: Any, visitor: Any
) -> None:
    offer, desk = home(world), here.at_desk(app, world.agency).visitor
    url = f"/inbox/hours/{offer.id}"
    assert "Heures" in desk.get("/inbox/hours").get_data(as_text=True)
    assert desk.submit(url, OFFICE | {"version": "0"}).status_code == 303
    word = word_on(world, offer)
    assert word.said == SAID
    assert word.row.is_by_agency
    assert 'value="13:00"' in desk.get(url).get_data(as_text=True)
    page = visitor(world.amina).get("/directory?q=Foyer").get_data(as_text=True)
    assert "as the agency says" in page
    assert "9\u00a0a.m. to 12\u00a0p.m., 1\u00a0p.m. to 5\u00a0p.m." in page
    answer = desk.submit(url, {"back": "1", "version": "1"})
    assert answer.status_code == 303
    assert not word_on(world, offer).row.is_said


def test_an_administrator_writes_it_down_on_its_behalf(world: Any, visitor: Any) -> None:
    offer, marc = home(world), visitor(world.marc)
    url = f"/agencies/{offer.organization_id}/hours"
    assert marc.get(url).status_code == 200
    fields = {"how": "all", "closed_from": "2026-12-24", "version": "0"}
    assert marc.submit(f"{url}/{offer.id}", fields).status_code == 303
    word = word_on(world, offer)
    assert word.said == Weekly((), True, date(2026, 12, 24), None)
    assert not word.row.is_by_agency
    other = world.organization("Bridge House")
    assert marc.get(f"/agencies/{other.id}/hours/{offer.id}").status_code == 404


def test_another_agencys_service_is_no_page(app: Any, world: Any) -> None:
    [other] = directory.capacity_queries.services_of(
        world.amina.actor, world.organization("Bridge House").id
    )
    desk = here.at_desk(app, world.agency).visitor
    assert desk.get(f"/inbox/hours/{other.id}").status_code == 404
    assert desk.post(f"/inbox/hours/{other.id}", OFFICE | {"version": "0"}).status_code == 404
    assert word_on(world, other) is None


def test_what_is_wrong_is_said_in_one_sentence_and_stays_typed(app: Any, world: Any) -> None:
    offer, desk = home(world), here.at_desk(app, world.agency).visitor
    url = f"/inbox/hours/{offer.id}"
    for change, told in (
        ({"day_0_0-end": ""}, "deux heures différentes"),
        ({"day_0_1-start": "11:00"}, "se chevauchent"),
        ({"closed_until": "2026-12-24"}, "premier jour de fermeture"),
        ({"closed_from": "bientôt"}, "2026-12-24"),
    ):
        answer = desk.submit(url, OFFICE | {"version": "0"} | change)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422, change
        assert told in page, change
        assert 'value="20:00"' in page
        assert next(iter(change.values())) in page
    answer = desk.submit(url, {"how": "week", "version": "0"})
    assert answer.status_code == 422
    assert word_on(world, offer) is None


def test_the_second_of_two_sees_what_happened_and_keeps_what_was_typed(
    app: Any, world: Any, visitor: Any
) -> None:
    offer, desk = home(world), here.at_desk(app, world.agency).visitor
    marc = visitor(world.marc)
    marc.submit(
        f"/agencies/{offer.organization_id}/hours/{offer.id}", {"how": "all", "version": "0"}
    )
    answer = desk.submit(f"/inbox/hours/{offer.id}", OFFICE | {"version": "0"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Ce qui vaut maintenant" in page
    assert "Jour et nuit" in page
    assert 'value="20:00"' in page
    assert 'value="1"' in page
    assert desk.post(f"/inbox/hours/{offer.id}", OFFICE | {"version": "1"}).status_code == 303
    assert word_on(world, offer).said == SAID


def test_the_same_can_be_said_of_all_its_services_at_once(app: Any, world: Any) -> None:
    first = home(world)
    second = directory.services.add_service(
        world.marc.actor, organization_id=first.organization_id, need=NeedCode.FOOD
    )
    database.commit()
    desk = here.at_desk(app, world.agency).visitor
    fields = OFFICE | {"version": "0", "for_all": "y"}
    assert desk.submit(f"/inbox/hours/{first.id}", fields).status_code == 303
    assert word_on(world, first).said == word_on(world, second).said == SAID
