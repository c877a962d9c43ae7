"""A sample through the real pages: what My day and the call page show to who is signed in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask.testing import FlaskClient

from casework.extensions import db
from casework.simulation import rows
from casework.simulation.stage import PASSWORD, Colleague, Stage
from casework.simulation.wishes import Life

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
TO_CALL = re.compile(r"/follow-ups/([0-9a-f-]{36})/call")
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class PageBroken(Exception):
    """A page answered with neither itself nor a way on."""


@contextmanager
def _signed_in(stage: Stage, who: Colleague) -> Iterator[FlaskClient]:
    """Sign in through the page, in an application context of its own."""
    client = stage.app.test_client()
    page = _read(stage, client, "/sign-in")
    found = TOKEN.search(page)
    fields = {
        "email": who.email,
        "password": PASSWORD,
        "csrf_token": found.group(1) if found else "",
    }
    with stage.app.app_context():
        answer = client.post("/sign-in", data=fields, headers=SAME_ORIGIN)
        db.session.remove()
    if answer.status_code not in (302, 303):
        raise PageBroken("/sign-in", answer.status_code)
    yield client


def _read(stage: Stage, client: FlaskClient, url: str) -> str:
    with stage.app.app_context():
        answer = client.get(url)
        db.session.remove()
    if answer.status_code >= 400 and answer.status_code != 404:
        raise PageBroken(url.split("/")[1], answer.status_code)
    return answer.get_data(as_text=True)


def my_day_page(stage: Stage, who: Colleague) -> None:
    """Judge every call that My day offers at this moment."""
    with _signed_in(stage, who) as client:
        page = _read(stage, client, "/my-day")
    offered = {UUID(found) for found in TO_CALL.findall(page)}
    stage.tally["pages: My day"] += 1
    for planned in rows.planned_now(stage.service_id, offered).values():
        life = stage.life_of(planned.case_id)
        if life is not None:
            stage.judge.call_is_offered(life, stage.at, "button on My day", planned.id)


def call_page(stage: Stage, life: Life, follow_up_id: UUID, who: Colleague) -> None:
    """Judge the page before dialling: no number, nothing of the case, and a button only if agreed."""
    with _signed_in(stage, who) as client:
        page = _read(stage, client, f"/follow-ups/{follow_up_id}/call")
    stage.tally["pages: before dialling"] += 1
    if 'name="step" value="start"' not in page:
        return
    if _has_number(page, life, stage):
        stage.judge.blame("number shown before dialling", "R13", life, stage.at, follow_up_id)
    if f"About {life.name}" in page:
        stage.judge.blame("case shown before identity", "R13", life, stage.at, follow_up_id)
    if 'name="override_reason"' not in page and 'data-icon="phone"' in page:
        stage.judge.call_is_offered(life, stage.at, "button on the call page", follow_up_id)


def number_page(stage: Stage, life: Life, follow_up_id: UUID, who: Colleague) -> None:
    """Judge the page while dialling: the number only while it may be dialled (R10, R13)."""
    if life.is_erased:
        return
    with _signed_in(stage, who) as client:
        page = _read(stage, client, f"/follow-ups/{follow_up_id}/call")
    stage.tally["pages: dialling"] += 1
    if 'name="step" value="reach"' not in page:
        return
    if f"About {life.name}" in page:
        stage.judge.blame("case shown before identity", "R13", life, stage.at, follow_up_id)
    if _has_number(page, life, stage):
        began = rows.began_for_a_reason(stage.service_id, follow_up_id)
        stage.judge.number_is_shown(life, stage.at, began=began, subject=follow_up_id)


def _has_number(page: str, life: Life, stage: Stage) -> bool:
    number = life.phone(stage.at).removeprefix("+1")
    text = re.sub(r"[-. ()\u00a0]", "", page)
    return number in text
