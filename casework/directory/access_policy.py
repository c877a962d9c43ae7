"""What agencies publish of access, read only where the words are plain; the rest is theirs to say."""

from collections.abc import Iterable
from dataclasses import dataclass

from casework.directory.filter_policy import Said
from casework.directory.folding import words_alone

# Whole entries as they stand in published directories, folded. “Ramp at the side door” is none of
# them: whether somebody gets in with it only the agency can say.
STEP_FREE = frozenset(
    {
        "wheelchair", "wheelchair access", "wheelchair accessible", "wheelchair accessible building",
        "fully wheelchair accessible", "building is wheelchair accessible", "fully accessible",
        "step free", "step free access", "barrier free", "barrier free access",
        "fauteuil roulant", "acces fauteuil roulant", "acces en fauteuil roulant",
        "acces pour fauteuil roulant", "acces pour fauteuils roulants",
        "accessible en fauteuil roulant", "accessible aux fauteuils roulants",
        "accessible aux personnes en fauteuil roulant", "entierement accessible",
        "entierement accessible en fauteuil roulant", "acces sans marche", "acces de plain pied",
        "acces sans obstacle",
    }
)  # fmt: skip
NOT_STEP_FREE = frozenset(
    {
        "not wheelchair accessible", "not accessible", "not accessible by wheelchair",
        "no wheelchair access", "no step free access", "wheelchair inaccessible", "inaccessible",
        "non accessible", "non accessible en fauteuil roulant", "inaccessible en fauteuil roulant",
        "non accessible aux fauteuils roulants", "pas accessible en fauteuil roulant",
        "aucun acces en fauteuil roulant", "aucun acces pour fauteuil roulant",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Access:
    """Whether one gets in without a step, and the agency’s own words where they do not settle it."""

    said: Said = Said.NOTHING
    words: tuple[str, ...] = ()


def access_of(places: Iterable[Iterable[str]]) -> Access:
    """Read what is said of each place where a service is given.

    Where its places differ, or one of them says nothing, it is not known which one it will be.
    """
    texts = [list(place) for place in places]
    said = {_said_of(place) for place in texts}
    if len(said) == 1 and (only := said.pop()) is not Said.NOTHING:
        return Access(only)
    return Access(words=tuple(dict.fromkeys(text for place in texts for text in place)))


def _said_of(texts: Iterable[str]) -> Said:
    plain = {words_alone(text) for text in texts}
    says_yes, says_no = bool(plain & STEP_FREE), bool(plain & NOT_STEP_FREE)
    if says_yes is says_no:
        return Said.NOTHING
    return Said.YES if says_yes else Said.NO
