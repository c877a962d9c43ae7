"""Finds the lines of hidden addresses in a text, however many there are and however they are spelled (R20)."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

# Shorter texts of an address, such as a house number, are found everywhere.
TELLING = 6
# So many signs may stand between two letters of a line: commas, blanks, line ends.
GAP = 3
# The first letters of a line, by which all that may begin at a place of a text are found at once.
FIRST = 4
# What stood around a line that was taken out may be one itself; a text made of such is no text.
PASSES = 4
ALIKE = str.maketrans({"œ": "oe", "æ": "ae", "ı": "i"})


@lru_cache(maxsize=1 << 12)
def _letters_of(sign: str) -> str:
    """Give the letters and digits of a sign without case and accents, none for any other sign."""
    plain = unicodedata.normalize("NFKD", sign.casefold()).translate(ALIKE)
    return "".join(letter for letter in plain if letter.isalnum())


def _bare(text: str) -> tuple[str, list[int]]:
    """Give the letters and digits of a text, and where in it each one stands."""
    found = [(letter, at) for at, sign in enumerate(text) for letter in _letters_of(sign)]
    return "".join(letter for letter, _at in found), [at for _letter, at in found]


class Repeats:
    """Lines by their first letters: a text is gone through once, however many lines are looked for."""

    def __init__(self, lines: Iterable[str]) -> None:
        bare = (_bare(line)[0] for line in lines if len(line) >= TELLING)
        self._lines = frozenset(line for line in bare if line)
        lengths: dict[str, set[int]] = {}
        for line in self._lines:
            lengths.setdefault(line[:FIRST], set()).add(len(line))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}
        self._firsts = sorted({len(first) for first in self._lengths})

    def without(self, text: str) -> str:
        """Give a text with a mark in place of each line it repeats."""
        if not self._lines:
            return text
        for _pass in range(PASSES):
            spans = list(self._spans(text))
            if not spans:
                return text
            text = _cut(text, spans)
        return "…"

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Give from where to where a line stands in a text, the longest that begins at each place."""
        bare, places = _bare(text)
        for start in range(len(bare)):
            for first in self._firsts:
                for length in self._lengths.get(bare[start : start + first], ()):
                    end = start + length
                    if bare[start:end] in self._lines and _is_close(places[start:end]):
                        yield places[start], places[end - 1] + 1
                        break


@lru_cache(maxsize=8)
def repeats_of(lines: tuple[str, ...]) -> Repeats:
    """Give what finds these lines; those of the agency that is being read are kept."""
    return Repeats(lines)


def _is_close(places: list[int]) -> bool:
    return all(after - before <= GAP + 1 for before, after in pairwise(places))


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    """Put one mark in place of each span, of those that overlap one for all."""
    kept, at = [], 0
    for start, end in spans:
        if start >= at:
            kept.append(text[at:start] + "…")
        at = max(at, end)
    return "".join(kept) + text[at:]
