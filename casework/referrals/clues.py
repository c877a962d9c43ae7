"""What leads to the door of an agency, and whether a text says it: names, streets, codes and numbers."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from casework.directory.folding import words_alone
from casework.directory.queries import Published
from casework.directory.search_policy import SMALL, marks_of

# A second name of fewer letters, such as “MR”, stands in any text.
SHORTEST = 5
# A number without the code of the country; shorter ones, such as 211, are everybody’s.
PHONE_DIGITS, SHORTEST_CODE = 10, 6
PARTS = re.compile(r"[,;()\n]|\s[-–—]\s")
SCHEME = re.compile(r"^https?://(www\.)?", re.IGNORECASE)
# What the law puts behind a name, and nobody says.
LEGAL = re.compile(
    r"( (inc|incorporated|incorporee?|ltd|ltee|limited|limitee|corp|corporation|llp|llc|enr"
    r"|s e n c r l|s e n c|senc|sencrl))+ $"
)
AFTER_NUMBER = re.compile(r"(?<=\d)([a-z]?)\s*,", re.IGNORECASE)
UNITS = (
    "app appt apt appartement apartment bureau suite unit unite local piece porte room floor etage"
    " niveau level rdc"
)
STREETS = (
    "rue avenue av ave boulevard boul blvd bd street st saint sainte ste road rd chemin ch drive dr"
    " route rte rang place pl lane ln court crt crescent cres cr cercle montee cote terrasse way"
    " de du des d la le les l of the"
    " est east e ouest west o w nord north n sud south s"
)
# A door inside a house.
UNIT = frozenset(UNITS.split())
# What one writes out, another shortens and a third leaves away.
STREET = frozenset(STREETS.split())


class Clues(NamedTuple):
    """What a text is compared with: whole words, a number with its street, and letters in a row."""

    words: frozenset[str]
    streets: frozenset[str]
    codes: frozenset[str]

    def stand_in(self, text: str) -> bool:
        """Tell whether a text says one of them, however it is accented, hyphenated or shortened."""
        said = (
            (self.words, _plain(text)),
            (self.streets, _streets_alone(text)),
            (self.codes, _joined(text)),
        )
        return any(clue in plain for clues, plain in said for clue in clues)


def clues_of(agencies: Iterable[Published]) -> Clues:
    """Give what leads to the doors of agencies, of all that is published of them."""
    words: set[str] = set()
    streets: set[str] = set()
    codes: set[str] = set()
    for agency in agencies:
        words |= {_plain(agency.name), *map(_plain, agency.addresses)}
        telling = {_plain(each) for each in agency.other_names}
        telling |= {_plain(part) for line in agency.second_lines for part in PARTS.split(line)}
        telling |= {LEGAL.sub(" ", each) for each in {*telling, _plain(agency.name)}}
        words |= {each for each in telling if _is_telling(each)}
        for line in (*agency.addresses, *agency.second_lines):
            streets |= _numbers_and_streets(line)
        codes |= {_joined(SCHEME.sub("", code)) for code in agency.codes}
        codes |= {_joined(phone)[-PHONE_DIGITS:] for phone in agency.phones}
    return Clues(
        frozenset(words - {_plain("")}),
        frozenset(streets),
        frozenset(code for code in codes if len(code) >= SHORTEST_CODE),
    )


def _is_telling(plain: str) -> bool:
    """Tell whether a name says which place is meant: not “Emergency shelter”, nor “2nd floor”."""
    words = [word for word in plain.split() if len(word) > 2 and word not in SMALL]
    if len("".join(plain.split())) < SHORTEST or UNIT & set(words):
        return False
    return not all(marks_of(word) for word in words)


def _numbers_and_streets(line: str) -> set[str]:
    """Give each number of a house with its street: “3-1234, rue de l’Église, bureau 5” has “1234 eglise”."""
    parts = PARTS.split(AFTER_NUMBER.sub(r"\1 ", line))
    return {found for part in parts for found in _of_part(_streets_alone(part).split())}


def _of_part(words: list[str]) -> Iterator[str]:
    for at, word in enumerate(words):
        if not word[0].isdigit() or (at and words[at - 1] in UNIT):
            continue
        street: list[str] = []
        for each in words[at + 1 :]:
            # Behind its name, a street has doors inside a house only.
            if each in UNIT or (each[0].isdigit() and any(map(str.isalpha, street))):
                break
            street.append(each)
        if not "".join(street).isdigit() and street:
            yield f" {' '.join([word, *street])} "


def _streets_alone(text: str) -> str:
    """Give the words of a text between blanks without kinds of streets, articles and directions."""
    return f" {' '.join(word for word in words_alone(text).split() if word not in STREET)} "


def _joined(text: str) -> str:
    """Give the letters and digits of a text without what stands between them."""
    return words_alone(text).replace(" ", "")


def _plain(text: str) -> str:
    """Give the words of a text alone, between blanks: no accents, case, hyphens or apostrophes."""
    return f" {words_alone(text)} "
