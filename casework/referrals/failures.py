"""What can be refused about a referral, each in words for the screen."""

from flask_babel import lazy_gettext as _l

from casework.database import Refused


class NotPossible(Refused):
    """The table of transitions knows no such way."""

    message = _l("This answer no longer fits: the request has moved on.")


class ReasonMissing(Refused):
    """This transition needs a reason."""

    message = _l("Choose a reason.")
    field = "reason"


class ConsentMissing(Refused):
    """The person did not agree to share with this agency, or no longer does (R4)."""

    message = _l(
        "The person has not agreed to share with this agency. Ask first, and record the answer."
    )
    # Where the question is asked, the message leads to it.
    field = "agreed"


class AlreadyAsked(Refused):
    """This agency is being asked for this need already."""

    message = _l("This agency is already being asked. Wait for its answer, or recall the request.")


class TooManyAtOnce(Refused):
    """Each agency asked learns of the person: a handful is enough."""

    message = _l("Choose five agencies at most.")
    field = "organization"


class OneAtATime(Refused):
    """In order means that one agency at a time knows of the person."""

    message = _l("Another agency of this order is being asked. Recall that request first.")


class NamesThePlace(Refused):
    """Who drives never learns where a household goes (R16, R19)."""

    message = _l(
        "This names the shelter, or its address: who drives never learns it. Name a neutral place."
    )
    field = "meeting_point"


class CaseIsClosed(Refused):
    """Nothing is asked for a closed case."""

    message = _l("This case is closed.")


class NotOffered(Refused):
    """The agency offers nothing for this need, or is no longer in the directory."""

    message = _l("This agency does not offer this. Choose another one.")


class NothingSaid(Refused):
    """A question of an agency is answered with nothing."""

    message = _l("Write what the agency may know.")
    field = "answer"


class BadHold(Refused):
    """The end of the hold lies in the past or too far away."""

    message = _l("The hold must end in the future, within 30 days.")
    field = "hold"


class TooLateToUndo(Refused):
    """The five minutes are over, something followed, or somebody else answered."""

    message = _l("This answer can no longer be undone here. Call the service instead.")


class StillOpen(Refused):
    """A case cannot close while an agency is still being asked, or holds a place."""

    message = _l("A request is still open. Record how it ended, or recall it, before you close.")
