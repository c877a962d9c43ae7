"""Takes what was typed apart into words, and finds the needs and kinds that a word names."""

import re
from functools import lru_cache
from typing import NamedTuple

from flask_babel import force_locale

from casework.directory.features import Feature
from casework.directory.folding import fold
from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode
from casework.web.i18n import LOCALES

# So many words of a search are looked at, and so much of each; nobody means more.
MOST_WORDS, LONGEST_WORD = 8, 40
# Shorter words fit whole only: what begins with “de” is most of a directory.
SHORTEST_BEGINNING = 3
# What an apostrophe leaves alone in French: l’épicerie, d’hébergement.
ELIDED = frozenset("cdjlmnst")
# Small words in the names of needs; they name nothing.
SMALL = frozenset({"and", "for", "from", "des", "les", "une", "pour", "avec", "aux", "sur", "else"})
WORD = re.compile(r"[^\W_]+")
MARKED = (("need", NeedCode), ("kind", OrganizationKind), ("feature", Feature))


class Typed(NamedTuple):
    """A word as it is looked for, and as it was typed: French endings are told by their accents."""

    word: str
    spoken: str
    may_begin: bool


def words_of(text: str) -> list[Typed]:
    """List the folded words of anything that was typed: letters and digits alone, so many at most."""
    # What PostgreSQL cannot keep, such as NUL, stands in no word.
    found = {fold(word)[:LONGEST_WORD]: word[:LONGEST_WORD] for word in WORD.findall(text)}
    words = [word for word in found if WORD.fullmatch(word)]
    longer = [word for word in words if word not in ELIDED]
    kept = (longer or words)[:MOST_WORDS]
    return [
        Typed(word, found[word], len(word) >= SHORTEST_BEGINNING or len(kept) == 1) for word in kept
    ]


def marks_of(word: str) -> list[str]:
    """List the marks whose name in either language has a word that begins so: “food” is a need."""
    if len(word) < SHORTEST_BEGINNING:
        return []
    return [mark for mark, names in _named().items() if any(n.startswith(word) for n in names)]


@lru_cache(maxsize=1)
def _named() -> dict[str, frozenset[str]]:
    """Give the words by which each mark is known, in all our languages."""
    found: dict[str, set[str]] = {}
    for locale in LOCALES:
        with force_locale(locale):
            for prefix, codes in MARKED:
                for code in codes:
                    words = WORD.findall(fold(str(code.label)))
                    found.setdefault(f"{prefix}:{code.value}", set()).update(words)
    return {
        mark: frozenset(word for word in words if len(word) > 2 and word not in SMALL)
        for mark, words in found.items()
    }
