"""Why details are shown, and what a reveal shows: short lists, so that no reason is free text."""

from flask_babel import lazy_gettext as _l

from casework.database import Code


class RevealPurpose(Code):
    """Why somebody's details are shown; it stands in the audit beside who and when (R21)."""

    CALL = "call", _l("To call them")
    THEY_CALL = "they_call", _l("They are on the line")
    REFERRAL = "referral", _l("To arrange help with an agency")
    CORRECTION = "correction", _l("To correct a detail")
    REVIEW = "review", _l("To review the case")


# What the person card shows, in its order; the contact plan stands in the banner.
REVEALED = (
    "full_name",
    "safe_name",
    "phone",
    "email",
    "handle",
    "area",
    "children_ages",
    "pets",
    "access_needs",
    "culture_faith",
)
LABELS = {
    "full_name": _l("Name"),
    "safe_name": _l("Name to use"),
    "phone": _l("Phone"),
    "email": _l("Email"),
    "handle": _l("Chat handle"),
    "area": _l("Area"),
    "children_ages": _l("Ages of the children"),
    "pets": _l("Pets"),
    "access_needs": _l("Access and mobility"),
    "culture_faith": _l("Culture and faith"),
}
