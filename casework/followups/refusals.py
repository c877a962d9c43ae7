"""What followups refuses, each in words that say what to do."""

from datetime import datetime

from flask_babel import lazy_gettext as _l

from casework.database import Refused
from casework.followups.reasons import NAMED, Why, words
from casework.web.filters import moment_of


class PastDueTime(Refused):
    """A call cannot be planned for a time that is over."""

    message = _l("This time is past. Choose a later one.")
    field = "local_time"


class OutsideAgreedHours(Refused):
    """The person did not agree to be called then (R10)."""

    message = _l("This is outside the agreed hours.")
    field = "local_time"

    @classmethod
    def next_is(cls, opens_at: datetime, zone: str, why: Why | None = None) -> "OutsideAgreedHours":
        """Refuse, with the exception that stands against it and the next agreed time on their clock."""
        moment = moment_of(opens_at, zone)
        if why is not None and why.code in NAMED:
            reason = words(why)
            return cls(_l("%(reason)s. Next agreed time: %(moment)s", reason=reason, moment=moment))
        return cls(
            _l("This is outside the agreed hours. Next agreed time: %(moment)s", moment=moment)
        )


class NotToBeCalled(Refused):
    """No agreed hours, an unsafe number, or somebody who will call us themselves (R11, R13)."""

    message = _l(
        "There is no agreed time to call. Ask when it is safe, or choose “any time” or “the person will call us”."
    )
    field = "when"


class CallsNotAgreed(Refused):
    """There is no consent to be called back (R2)."""

    message = _l("The person has not agreed to be called back.")


class AfterConsentEnds(Refused):
    """The agreed time to be called back ends before that moment (R6)."""

    message = _l("The consent to be called back ends before this time. Choose an earlier one.")
    field = "local_time"


class NoLongerPlanned(Refused):
    """Somebody has done, moved or cancelled it meanwhile."""

    message = _l("This call is no longer planned. Look at the case again.")


class SomebodyIsCalling(Refused):
    """Two navigators never call the same person at once."""

    message = _l("This person is being called right now. Try again in a few minutes.")


class NumberInUse(Refused):
    """Somebody else who gave this number is being called: no case reveals the other (R33)."""

    message = _l("This number is in use by the service right now. Try again in a few minutes.")


class CallIsOver(Refused):
    """The call was ended, perhaps from another window."""

    message = _l("This call is over: it was recorded, left or freed.")


class IdentityFirst(Refused):
    """Nothing of the case is shown or changed before the identity step (R13, R32)."""

    message = _l("First record who you are talking to.")
    field = "code_word"


class NothingToCompare(IdentityFirst):
    """The identity step was sent without a word of what the person said (R32)."""

    message = _l("Write what they said, or choose “Identity not confirmed”.")


class HoursFirst(Refused):
    """The person says that the agreed hours are wrong, and nobody has written the right ones (R14)."""

    message = _l("Change the agreed hours first: nothing is planned in hours that no longer hold.")
    field = "are_hours_right"


class VoicemailNever(Refused):
    """The person did not agree to a voicemail (R11)."""

    message = _l("No voicemail may be left for this person.")
    field = "result"
