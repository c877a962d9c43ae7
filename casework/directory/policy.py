"""Pure questions about places: does this one suit this household, and why?"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from casework.directory.features import Feature
from casework.directory.models import DirectoryService
from casework.directory.needs import NeedCode


@dataclass(frozen=True)
class Wants:
    """What a place should suit, in clear codes only: never faith, diet or an address."""

    need: NeedCode
    language: str = ""
    children: int = 0
    region: str = ""
    is_urgent: bool = False


@dataclass(frozen=True)
class Fit:
    """One place, why it suits, and what it does not say."""

    service: DirectoryService
    score: int
    reasons: tuple[str, ...] = field(default=())
    unknowns: tuple[str, ...] = field(default=())


def fold(text: str) -> str:
    """Fold case and accents, so that “Epicerie” finds « Épicerie »."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def fit(service: DirectoryService, wants: Wants) -> Fit:
    """Weigh one place against what is wanted; codes in reasons and unknowns name the grounds."""
    reasons, unknowns, score = [], [], 0
    spoken = wants.language.split("-")[0]
    if spoken:
        if spoken in {language.split("-")[0] for language in service.languages}:
            reasons.append("language")
            score += 2
        else:
            unknowns.append("language")
    if wants.children:
        if Feature.FAMILIES in service.features:
            reasons.append("families")
            score += 3
        else:
            unknowns.append("families")
    if wants.region and fold(wants.region) == fold(service.organization.region):
        reasons.append("region")
        score += 2
    if service.is_open_all_hours:
        reasons.append("open_all_hours")
        score += 4 if wants.is_urgent else 1
    elif wants.is_urgent:
        unknowns.append("open_all_hours")
    return Fit(service, score, tuple(reasons), tuple(unknowns))


def best_first(services: Iterable[DirectoryService], wants: Wants) -> list[Fit]:
    """Order places by how well they suit; equals by name, so that the order never jumps."""
    fits = [fit(service, wants) for service in services]
    return sorted(fits, key=lambda each: (-each.score, fold(each.service.organization.name)))
