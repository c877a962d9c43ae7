"""Languages by their codes: exports name them in English or in French."""

from functools import cache

from babel import Locale

from casework.directory.folding import fold

# What Babel calls otherwise, or does not know.
OTHERS = {
    "quebec sign language": "fcs",
    "langue des signes quebecoise": "fcs",
    "lsq": "fcs",
    "american sign language": "ase",
    "asl": "ase",
    "mandarin": "cmn",
    "cantonese": "yue",
    "cantonais": "yue",
    "farsi": "fa",
    "dari": "prs",
    "tagalog": "tl",
    "punjabi": "pa",
    "oji-cree": "ojs",
}


@cache
def _names() -> dict[str, str]:
    names = {
        fold(name): code
        for locale in ("fr", "en")
        for code, name in Locale(locale).languages.items()
    }
    return names | OTHERS


def code_of(language: str) -> str:
    """Give the code of a language by its code or name; what is not known stays as it was said."""
    text = language.strip()
    known = _names().get(fold(text))
    if known:
        return known.replace("_", "-")
    return text.replace("_", "-") if len(text) <= 12 else text[:40]
