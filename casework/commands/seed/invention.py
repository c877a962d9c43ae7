"""Invents people: how they are called, how they may be reached, what they agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from casework.commands.seed import words
from casework.database import now
from casework.directory.needs import NeedCode
from casework.people.models import Channel, PhoneKind, Purpose, VoicemailRule, WhenToCall
from casework.people.services import ConsentAnswer

LINES = 100
EVERY_DAY, WORKDAYS = list(range(7)), list(range(5))
HOURS: tuple[list[dict[str, Any]], ...] = (
    [{"days": WORKDAYS, "start": "09:00", "end": "11:30"}],
    [{"days": EVERY_DAY, "start": "09:00", "end": "17:00"}],
    [{"days": WORKDAYS, "start": "13:00", "end": "16:30"}],
    [{"days": EVERY_DAY, "start": "17:30", "end": "20:00"}],
    [
        {"days": WORKDAYS, "start": "08:30", "end": "10:30"},
        {"days": [5, 6], "start": "10:00", "end": "14:00"},
    ],
)


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """A person who does not exist, as a navigator would write them down."""

    details: dict[str, Any]
    plan: dict[str, Any]
    word: str
    locale: str
    language: str
    region: str
    channel: Channel = Channel.PHONE
    adults: int = 1
    children: int = 0


def phone(number: int) -> str | None:
    """Give the phone of the n-th person; nobody shares one, since a number obeys its strictest plan."""
    line, area = divmod(number, len(words.AREA_CODES))
    return f"+1{words.AREA_CODES[area]}55501{line:02}" if line < LINES else None


def invent(dice: Random, number: int, locale: str, *, when: WhenToCall | None = None) -> Somebody:
    """Invent the n-th person of a service, reached at agreed hours unless told otherwise."""
    language = locale[:2]
    if dice.random() < 0.15:
        language = dice.choice(words.OTHER_LANGUAGES)
    channel = dice.choices(tuple(Channel), (62, 16, 14, 8))[0]
    adults, children = dice.choice((1, 1, 1, 2, 2, 3)), dice.choice((0, 0, 0, 1, 2, 3))
    way = phone(number)
    names = words.NAMES_FR if locale == "fr_CA" else words.NAMES_EN
    details: dict[str, Any] = {
        # Two navigators take turns, so each list of names is gone through before one comes again.
        "safe_name": names[number // 2 % len(names)],
        "phone": way,
        "language": language,
        "needs_interpreter": language not in ("en", "fr"),
        "children_ages": sorted(dice.randrange(1, 17) for _ in range(children)),
    }
    if channel is Channel.EMAIL or way is None:
        details["email"] = f"river{number}@mail.example.ca"
    elif channel is Channel.CHAT:
        details["handle"] = f"riverbank{number}"
    if dice.random() < 0.2:
        details["access_needs"] = words.ACCESS[locale]
    elif dice.random() < 0.12:
        details["pets"] = words.PETS[locale]
    return Somebody(
        details=details,
        plan=_plan(dice, locale, when),
        word=words.CODE_WORDS[locale],
        locale=locale,
        language=language,
        region=dice.choice(words.REGIONS[locale]),
        channel=channel,
        adults=adults,
        children=children,
    )


def _plan(dice: Random, locale: str, when: WhenToCall | None) -> dict[str, Any]:
    voicemail = dice.choices(tuple(VoicemailRule), (60, 25, 15))[0]
    chosen = when or dice.choices((WhenToCall.WINDOWS, WhenToCall.ANY_TIME), (85, 15))[0]
    return {
        "when": chosen,
        "time_zone": dice.choice(words.ZONES[locale]),
        "windows": dice.choice(HOURS) if chosen is WhenToCall.WINDOWS else [],
        "channel": Channel.PHONE,
        "phone_kind": dice.choices((PhoneKind.OWN, PhoneKind.SHARED, PhoneKind.RELAY), (75, 20, 5))[
            0
        ],
        "voicemail_rule": voicemail,
        "voicemail_script": None if voicemail is VoicemailRule.NEVER else words.VOICEMAIL[locale],
        "code_word": words.CODE_WORDS[locale],
        "cover_name": words.COVER_NAMES[locale] if dice.random() < 0.3 else None,
        "is_caller_id_shown": dice.random() < 0.5,
    }


def answers_of(
    dice: Random, who: Somebody, needs: Sequence[NeedCode], *, may_call: bool, keep_days: int | None
) -> list[ConsentAnswer]:
    """Give an answer to each question that was asked; optional purposes are refused as often as not."""
    spoken = who.language if who.language in ("en", "fr") else who.locale[:2]
    ends = now() + timedelta(days=keep_days) if keep_days else None
    voicemail = who.plan["voicemail_rule"] is not VoicemailRule.NEVER
    simple = {
        Purpose.CALL_BACK: may_call,
        Purpose.LEAVE_VOICEMAIL: voicemail,
        Purpose.QUALITY_REVIEW: dice.random() < 0.4,
        Purpose.DEIDENTIFIED_STORY: dice.random() < 0.6,
    }
    share = Purpose.SHARE_WITH_PARTNER
    return [
        ConsentAnswer(Purpose.KEEP_CASE, True, language=spoken, expires_at=ends),
        *(ConsentAnswer(purpose, said, language=spoken) for purpose, said in simple.items()),
        *(ConsentAnswer(share, True, category=need, language=spoken) for need in needs),
    ]
