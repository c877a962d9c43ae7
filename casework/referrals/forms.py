"""The forms of asking, answering and calling off; choices are passed in by the views."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import TextInput

from casework.cases.models import Reason, Source
from casework.directory.features import Feature
from casework.directory.policy import Fit
from casework.referrals import listing, policy, telling
from casework.referrals.clocks import HoldChoice
from casework.referrals.listing import Listing
from casework.referrals.manners import Manner, Scope
from casework.referrals.models import CalledBy, CallEvery, Referral, ReferralState, Urgency
from casework.referrals.policy import Reply
from casework.web.forms import Form, Line, Text, Version, coded

CHOOSE = _l("Choose one.")
# Words a sealed text is asked for with: it may be read aloud at a counter.
NO_NAME = _l("No name, please.")
NO_RANK = _l("Write the rank as a whole number: 1 is the first.")


UNTICKED = (False, "false", "", "no", None)


def _seats(label: LazyString) -> SelectField:
    """Ask how many seats of one kind; none unless said."""
    choices = [SelectChoice("", _l("None")), *(SelectChoice(str(n), str(n)) for n in range(1, 6))]
    return SelectField(label, validators=[Optional()], choices=choices)


class TellForm(Form):
    """What an agency is told of a request: only what the person agreed to (R28)."""

    arrival = Line(_l("When they can arrive"), limit=120)
    access = Line(_l("Access, diet, pets: only what they agreed to tell"), limit=300)
    meeting_point = Line(_l("Neutral meeting point"), limit=200)
    alias = Line(_l("First name or alias they agreed to give"), limit=60)
    infant_seats = _seats(_l("Infant seats (rear-facing)"))
    toddler_seats = _seats(_l("Toddler seats (forward-facing)"))
    booster_seats = _seats(_l("Booster seats"))
    diet = Line(_l("Diet, allergies"), limit=200)
    formula = Line(_l("Infant formula: which kind"), limit=120)
    delivery = BooleanField(_l("They cannot come: delivery needed"), false_values=UNTICKED)
    other_collects = BooleanField(_l("Somebody else picks it up"), false_values=UNTICKED)

    def tell(self, names: Collection[str]) -> None:
        """Ask only for what this kind of help needs to know (R28)."""
        for only in telling.ONLY_FOR.values():
            for name in only:
                if name not in names:
                    del self[name]

    def fill(self, told: Mapping[str, str]) -> None:
        """Show what was told before."""
        for name, text in told.items():
            if name in self:
                self[name].data = text == telling.YES if name in telling.TICKED else text

    @property
    def told_names(self) -> list[str]:
        """The fields of what may be told that this form has."""
        names = (*telling.ALWAYS, *(name for only in telling.ONLY_FOR.values() for name in only))
        return [name for name in names if name in self]

    def details(self) -> dict[str, str]:
        """Give what may be told; a tick is told as a word."""
        said = {name: self[name].data for name in self.told_names}
        return {name: telling.YES if text is True else text or "" for name, text in said.items()}


class SendForm(TellForm):
    """Choose a place and say what the person agreed to tell it."""

    organization = SelectMultipleField(
        _l("Which agency"), validators=[InputRequired(message=_l("Choose an agency."))]
    )
    # What a place should have, ticked for this once: it sorts the list, and is kept nowhere.
    suits = SelectMultipleField(_l("What should it have?"), validators=[Optional()], choices=[])
    manner = RadioField(
        _l("If you choose several"),
        choices=coded(Manner),
        default=Manner.IN_ORDER.value,
        validators=[Optional()],
    )
    urgency = RadioField(
        _l("How soon"), choices=coded(Urgency), validators=[InputRequired(message=CHOOSE)]
    )
    # Only where no consent covers the agency: what the person answers to the sentence read aloud.
    agreed = RadioField(_l("What they answer"), validators=[Optional()], choices=coded(Scope))
    # Pressed to look at another place before anything is asked.
    look = HiddenField()

    def offer_wishes(self, wishes: Iterable[Feature]) -> None:
        """Offer what may be asked of a place."""
        self.suits.choices = coded(wishes)

    @property
    def wishes(self) -> tuple[Feature, ...]:
        """What was ticked; what was not offered is no wish."""
        offered = {choice.value for choice in self.suits.choices or []}
        return tuple(Feature(value) for value in self.suits.data or [] if value in offered)

    def offer(self, fits: Iterable[Fit]) -> None:
        """Offer these places."""
        self.organization.choices = [
            SelectChoice(str(each.service.organization_id), each.service.organization.name)
            for each in fits
        ]

    def ask_for_consent(self) -> None:
        """Word the answers to the sentence for the agencies chosen, one or several."""
        if len(self.organization.data or []) > 1:
            named, kind = coded(Scope)
            several = SelectChoice(named.value, _l("Yes, with these agencies only"))
            self.agreed.choices = [several, kind]

    @property
    def chosen(self) -> list[UUID]:
        """The agencies chosen, in the order of the list."""
        return [UUID(value) for value in self.organization.data or []]

    @property
    def how(self) -> Manner:
        """In which manner several are asked."""
        return Manner(self.manner.data or Manner.IN_ORDER)

    @property
    def scope(self) -> Scope | None:
        """How far the yes goes that was said now; None when nothing was asked."""
        return Scope(self.agreed.data) if self.agreed.data else None


class RetellForm(TellForm):
    """What an agency is told, changed while the request is open; also our answer to its question."""

    reply = Line(telling.LABELS["reply"], limit=300)
    version = Version()

    def details(self) -> dict[str, str]:
        """Give what may be told, with our answer."""
        return super().details() | {"reply": self.reply.data or ""}


class Rank(IntegerField):
    """A rank on a waiting list; what is no whole number from one on is refused in words."""

    widget = TextInput()

    def process_formdata(self, valuelist: Any) -> None:
        """Read the number, also where nothing was written."""
        text = (valuelist[0] if valuelist else "").strip()
        self.data = int(text) if text.isdecimal() and len(text) < 6 else None
        if text and not 1 <= (self.data or 0) <= listing.LOWEST_RANK:
            self.data = None
            raise ValueError(NO_RANK)


class ReplyForm(Form):
    """What an agency answers, by its link or by phone; each button carries its own answer."""

    reply = RadioField(
        _l("What the agency answers"),
        validators=[InputRequired(message=_l("Press the answer that is meant."))],
    )
    reason = RadioField(_l("Reason"), validators=[Optional()], choices=coded(Reason))
    hold = RadioField(_l("Place held until"), validators=[Optional()], choices=coded(HoldChoice))
    appointment = Line(_l("Appointment"), description=NO_NAME, limit=120)
    documents = Line(_l("Documents to show"), description=NO_NAME, limit=200)
    bring = Line(_l("What to bring"), description=NO_NAME, limit=200)
    note = Text(
        _l("In your words: what you need to know, or whom to ask for and until when"),
        description=NO_NAME,
        limit=500,
    )
    rank = Rank(_l("Rank on the list"), validators=[Optional()])
    call_every = RadioField(
        _l("A call to keep the place"), validators=[Optional()], choices=coded(CallEvery)
    )
    called_by = RadioField(_l("Who calls?"), validators=[Optional()], choices=coded(CalledBy))
    source = RadioField(
        _l("Who says so"),
        validators=[Optional()],
        choices=coded(source for source in Source if source is not Source.SYSTEM),
    )
    version = Version()
    key = HiddenField()

    def begin(self, referral: Referral) -> None:
        """Start a sheet: the version it is of, a key of its own, and how the list is kept now."""
        self.version.data = referral.version
        self.key.data = secrets.token_urlsafe(18)
        if referral.state is ReferralState.WAITLISTED and self.call_every.data is None:
            self.call_every.data = referral.call_every
            self.called_by.data = self.called_by.data or referral.called_by

    def offer(
        self, replies: Iterable[Reply], holds: Iterable[HoldChoice], reasons: Iterable[Reason]
    ) -> None:
        """Offer the answers, holds and reasons that fit now."""
        self.reason.choices = coded(reasons)
        self.reply.choices = coded(replies)
        self.hold.choices = coded(holds)

    def details(self) -> dict[str, str]:
        """Give what the agency said in its own words."""
        return {name: self[name].data or "" for name in policy.ANSWER_FIELDS}

    def listing(self) -> Listing:
        """Give what was said of a waiting list."""
        every, by = self.call_every.data, self.called_by.data
        return Listing(
            rank=self.rank.data,
            call_every=CallEvery(every) if every else None,
            called_by=CalledBy(by) if by else None,
        )


class RecallForm(Form):
    """Why a request is called off."""

    reason = RadioField(
        _l("Reason"),
        choices=coded(policy.RECALL_REASONS),
        validators=[InputRequired(message=_l("Choose a reason."))],
    )
    version = Version()


class ButtonForm(Form):
    """One button: a token, and the version of the page it stood on."""

    version = Version()


class AnswerForm(ButtonForm):
    """What we answer to the question of an agency."""

    answer = Line(
        _l("Our answer to the agency"),
        description=NO_NAME,
        limit=300,
        validators=[InputRequired(message=_l("Write what the agency may know."))],
    )


class ExtendForm(ButtonForm):
    """How much longer a place is held."""

    hold = RadioField(
        _l("Place held until"),
        validators=[InputRequired(message=CHOOSE)],
        choices=coded(HoldChoice),
    )
