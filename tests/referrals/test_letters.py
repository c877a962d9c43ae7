"""Letters to agencies, asserted on their bytes: fixed words, a count and a link, about nobody (R12)."""

import re
from typing import Any

import pytest

from casework.cases.models import Reason, Source
from casework.directory.models import Organization
from casework.notices import queries as notices
from casework.notices.models import LetterStatus
from casework.referrals import services
from casework.referrals.failures import NotPossible
from casework.referrals.models import ReferralState
from tests.followups.scenes import at
from tests.referrals import scenes

FORBIDDEN = (
    scenes.MARKED, "Mado", "5145550142", "514-555-0142", "fauteuil", "Moisson", "Rivage", "Pont",
    "211", "crisis", "crise", "shelter", "hébergement", "violence", "food", "alimen", "C-", "R-",
)  # fmt: skip
TOKEN = re.compile(r"/r/[A-Za-z0-9_-]{43}")


def words_of(world: Any, mail: Any) -> str:
    """Give what a letter says, without its token and the line in which the service signs it."""
    *words, signature = mail.get_content().strip().splitlines()
    assert any(world.north.name(locale) in signature for locale in ("en_CA", "fr_CA"))
    return TOKEN.sub("", "\n".join([mail["Subject"], *words]))


def every_letter(world: Any, name: str) -> list[Any]:
    """Let one request write all the letters there are."""
    referral = scenes.ask(world, name)
    mails = scenes.post(world.north.id)
    services.answer(
        world.amina.actor, referral, to=ReferralState.ACCEPTED, source=Source.PARTNER_CONFIRMED
    )
    services.ask_again(world.amina.actor, referral)
    mails += scenes.post(world.north.id)
    services.recall(world.amina.actor, referral, reason=Reason.OTHER)
    return mails + scenes.post(world.north.id)


@pytest.mark.parametrize("name", ["Moisson du Quartier", "Bridge House", "Maison Rivage"])
def test_no_letter_says_anything_about_anybody(world: Any, name: str) -> None:
    """R12, screens.md section 7: on the text and the subject, in both languages."""
    mails = every_letter(world, name)
    assert len(mails) == 3
    for mail in mails:
        text = words_of(world, mail).lower()
        assert not [word for word in FORBIDDEN if word.lower() in text]
        assert "211" not in mail["Subject"]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail.get_content_type() == "text/plain"


def test_an_agency_is_asked_once_to_hold_a_place_longer_about_nobody(
    world: Any, clock: Any
) -> None:
    """R36, R12: fixed words and no link; which place is said aloud when the agency calls."""
    clock.freeze(at(24, 12))
    actor, referral = world.amina.actor, scenes.ask(world, "Maison Rivage")
    with pytest.raises(NotPossible):
        services.ask_longer(actor, referral)
    scenes.post(world.north.id)
    hold = {"to": ReferralState.ACCEPTED, "source": Source.PARTNER_CONFIRMED}
    services.answer(actor, referral, **hold, hold_until=at(24, 14))
    assert services.ask_longer(actor, referral)
    assert not services.ask_longer(actor, referral)
    [mail] = scenes.post(world.north.id)
    text = words_of(world, mail)
    assert not [word for word in FORBIDDEN if word.lower() in text.lower()]
    assert "/r/" not in text
    # One that did not leave before the hold ended does not leave at all.
    services.extend_hold(actor, referral, hold_until=at(24, 15))
    services.ask_longer(actor, referral)
    clock.freeze(at(24, 15))
    assert scenes.post(world.north.id) == []


def test_two_letters_of_a_kind_differ_in_their_link_only(world: Any) -> None:
    """Fixed templates: nothing of the request shapes the words."""
    bodies = []
    for name in ("Bridge House", "Volunteer Wheels"):
        case = scenes.case_for(
            world.amina.actor,
            scenes.need_of(name),
            consents=scenes.answers(scenes.need_of(name)),
        )
        scenes.ask(world, name, case)
        (mail,) = scenes.post(world.north.id)
        bodies.append((mail["Subject"], TOKEN.sub("", mail.get_content())))
    assert bodies[0] == bodies[1]


def test_a_letter_goes_to_the_agency_and_to_nobody_else(world: Any) -> None:
    scenes.ask(world, "Maison Rivage")
    (mail,) = scenes.post(world.north.id)
    assert mail["To"] == "maison-rivage@agency.example"
    assert [name for name in ("Cc", "Bcc", "Reply-To") if mail[name]] == []


def test_an_agency_without_mail_gets_none_and_the_letter_is_cancelled(world: Any, db: Any) -> None:
    agency = db.session.get(Organization, world.organization("Bridge House").id)
    agency.email = ""
    referral = scenes.ask(world, "Bridge House")
    assert scenes.post(world.north.id) == []
    (letter,) = notices.letters_about(world.amina.actor, [referral.id])
    assert letter.status is LetterStatus.CANCELLED


def test_an_answer_by_phone_keeps_the_letter_from_leaving(world: Any) -> None:
    referral = scenes.ask(world)
    services.answer(
        world.amina.actor,
        referral,
        to=ReferralState.DECLINED,
        reason=Reason.NO_FUNDS,
        source=Source.PARTNER_CONFIRMED,
    )
    assert scenes.post(world.north.id) == []


def test_a_letter_says_who_writes_and_where_to_call(world: Any) -> None:
    """R12: the name and number of the service are about nobody; whom it is for stays unsaid."""
    world.north.phone = "+15145550100"
    scenes.ask(world)
    [mail] = scenes.post(world.north.id)
    name = world.north.name("fr_CA")
    assert mail["From"].addresses[0].display_name == name
    assert name in mail.get_content()
    assert "514-555-0100" in mail.get_content()
