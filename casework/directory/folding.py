"""Folds words for comparing: no case, no accents, and where needed nothing but letters and digits."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")
# Signs that nobody sees: soft hyphens, joiners, marks of direction, and others without a width.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def fold(text: str) -> str:
    """Fold case, accents and what nobody sees, so that “Epicerie” finds « Épicerie »."""
    seen = INVISIBLE.sub("", text)
    parts = unicodedata.normalize("NFKD", seen.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def words_alone(text: str) -> str:
    """Give the folded words of a text with one blank between: no hyphens, no apostrophes."""
    return " ".join(WORD.findall(fold(text)))
