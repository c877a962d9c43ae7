"""What is given for a need, and the words in which an agency says so: a place, a drive, food, help."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casework.directory.needs import GROUP_OF, NeedCode, NeedGroup

# What fits whatever is given that is no place to sleep.
ASKED_ELSEWHERE = _l("One tap: choose why. The team asks elsewhere at once.")
LATE = _l("The time to answer is over. If you can say yes after all, do: the team sees it at once.")
THANKS_LATE = _l("Thank you. The team has your answer and calls you if the help is still needed.")
ALL_HELD = _l("You said yes")
FREE_NOW = _l("What you can take now")
HOW_MANY = _l("How many more can you take?")
NOT_KNOWN = _l("Not known how many they can take")


@dataclass(frozen=True, kw_only=True)
class Giving:
    """The words for one kind of help, wherever an agency reads or answers a request for it."""

    yes: LazyString
    held: LazyString
    held_until: LazyString
    lost: LazyString
    details: LazyString
    lost_hint: LazyString = ASKED_ELSEWHERE
    late: LazyString = LATE
    thanks_late: LazyString = THANKS_LATE
    all_held: LazyString = ALL_HELD
    free_now: LazyString = FREE_NOW
    how_many: LazyString = HOW_MANY
    not_known: LazyString = NOT_KNOWN
    # Places are spoken of where somebody sleeps; beds may be counted for other help as well.
    is_place: bool = False
    has_beds: bool = False


PLACE = Giving(
    yes=_l("We hold a place"),
    held=_l("Place held"),
    held_until=_l("Place held until"),
    lost=_l("We can no longer hold it"),
    lost_hint=_l("One tap: choose why. The team looks for another place at once."),
    late=_l(
        "The time to answer is over. If you can hold a place after all, say so: the team sees it "
        "at once."
    ),
    thanks_late=_l(
        "Thank you. The team has your answer and calls you if the place is still needed."
    ),
    details=_l("See access, diet and arrival"),
    all_held=_l("Places held"),
    free_now=_l("Free places now"),
    how_many=_l("How many are free?"),
    not_known=_l("Places not known"),
    is_place=True,
    has_beds=True,
)
DRIVE = Giving(
    yes=_l("We will drive them"),
    held=_l("Drive agreed"),
    held_until=_l("Drive kept until"),
    lost=_l("We can no longer drive them"),
    details=_l("See the meeting point, car seats and access"),
)
FOOD = Giving(
    yes=_l("We will have food ready"),
    held=_l("Food set aside"),
    held_until=_l("Food kept until"),
    lost=_l("We can no longer give food"),
    details=_l("See diet, delivery and access"),
)
HELP = Giving(
    yes=_l("We can help"),
    held=_l("Help agreed"),
    held_until=_l("Help kept until"),
    lost=_l("We can no longer help"),
    details=_l("See access and arrival"),
    has_beds=True,
)
_OF_GROUP = {NeedGroup.SHELTER: PLACE, NeedGroup.TRANSPORT: DRIVE, NeedGroup.FOOD: FOOD}


def giving(need: NeedCode) -> Giving:
    """Give the words for what answers a need; of most needs it is simply help."""
    return _OF_GROUP.get(GROUP_OF[need], HELP)


def giving_for_all(needs: Iterable[NeedCode]) -> Giving:
    """Give the words over a list: those of its needs where they share them, else those of help."""
    words = [giving(need) for need in needs]
    return words[0] if words and all(each is words[0] for each in words) else HELP
