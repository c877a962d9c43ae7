"""Words for pages: why a place suits, what it does not say, and what speaks against it."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casework.directory.policy import Fit

SUITS: dict[str, LazyString] = {
    "language": _l("speaks their language"),
    "families": _l("takes families"),
    "ages": _l("takes their ages"),
    "region": _l("in their region"),
    "open_all_hours": _l("open day and night"),
}
UNKNOWN: dict[str, LazyString] = {
    "language": _l("language not known"),
    "families": _l("families not known"),
    "ages": _l("has limits of age: ask"),
    "open_all_hours": _l("not known if open at night"),
    "region": _l("region not known"),
}
AGAINST: dict[str, LazyString] = {
    "language": _l("speaks other languages"),
    "ages": _l("takes other ages only"),
    "access": _l("no wheelchair access"),
}


def fit_words(fit: Fit) -> tuple[list[str], list[str], list[str]]:
    """Say why a place suits, what is unknown and what speaks against it, in the reader’s language."""
    unsaid = [_("%(what)s: not known", what=feature.label) for feature in fit.unsaid]
    return (
        [str(SUITS[code]) for code in fit.reasons] + [str(each.label) for each in fit.offers],
        [_named(code, UNKNOWN, fit) for code in fit.unknowns] + unsaid,
        [_named(code, AGAINST, fit) for code in fit.against],
    )


def _named(code: str, words: dict[str, LazyString], fit: Fit) -> str:
    """Give the words of a ground; a region other than that of the case is named."""
    region = fit.service.organization.region if code == "region" else ""
    if not region:
        return str(words[code])
    if words is UNKNOWN:
        return _("%(region)s: ask if they serve them", region=region)
    return _("in another region: %(region)s", region=region)
