"""How far the yes goes that a person says on the line, before an agency is asked."""

from flask_babel import lazy_gettext as _l

from casework.database import Code


class Scope(Code):
    """With whom the person agrees to share: the agencies that are named, or a kind of help (R4)."""

    NAMED = "named", _l("Yes, with this agency only")
    KIND = "kind", _l("Yes, with any agency for this need")
