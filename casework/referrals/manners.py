"""How far a yes goes that is said on the line, and in which manner several agencies are asked."""

from flask_babel import lazy_gettext as _l

from casework.database import Code


class Scope(Code):
    """With whom the person agrees to share: the agencies that are named, or a kind of help (R4)."""

    NAMED = "named", _l("Yes, with this agency only")
    KIND = "kind", _l("Yes, with any agency for this need")


class Manner(Code):
    """How several agencies are asked for one need."""

    IN_ORDER = "in_order", _l("One after the other: the next when one refuses or is silent")
    AT_ONCE = "at_once", _l("All at once")


# More would tell too many about one person.
MOST_AT_ONCE = 5
