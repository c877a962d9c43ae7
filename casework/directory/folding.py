"""Folds words for comparing: no case, no accents, and where needed nothing but letters and digits."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Fold case and accents, so that “Epicerie” finds « Épicerie »."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def words_alone(text: str) -> str:
    """Give the folded words of a text with one blank between: no hyphens, no apostrophes."""
    return " ".join(WORD.findall(fold(text)))
