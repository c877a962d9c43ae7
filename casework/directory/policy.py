"""Pure questions about places: does this one suit this household, and why?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from casework.directory.access_policy import Access
from casework.directory.features import Feature
from casework.directory.filter_policy import Said, speaks
from casework.directory.folding import fold, words_alone
from casework.directory.models import DirectoryService
from casework.directory.needs import URGENT_NEEDS, NeedCode
from casework.provinces import province

ADULT = 18


@dataclass(frozen=True)
class Wants:
    """What a place should suit: clear codes of the case, and what was ticked while asking.

    Nothing sealed is opened for it, and what was ticked is kept nowhere.
    """

    need: NeedCode
    language: str = ""
    adults: int = 0
    children: int = 0
    features: tuple[Feature, ...] = ()
    region: str = ""
    is_urgent: bool = False
    # What a directory knows of that word: the services given there, and the regions it names, folded.
    near: frozenset[UUID] = frozenset()
    regions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fit:
    """One place, why it suits, what it does not say, and what plainly speaks against it."""

    service: DirectoryService
    score: int
    reasons: tuple[str, ...] = field(default=())
    unknowns: tuple[str, ...] = field(default=())
    against: tuple[str, ...] = field(default=())
    # What was ticked and the place says it has, and what it does not say.
    offers: tuple[Feature, ...] = field(default=())
    unsaid: tuple[Feature, ...] = field(default=())
    # What the agency says of access in words that settle nothing: whoever asks reads them.
    access: tuple[str, ...] = field(default=())

    @property
    def is_for_others(self) -> bool:
        """Whether this household plainly cannot go there; it stands last, and is said."""
        return not {"ages", "access"}.isdisjoint(self.against)


@dataclass(frozen=True)
class Suitable:
    """The best places, how many agencies stand behind them unshown, and whether more were never weighed."""

    fits: list[Fit]
    others: int = 0
    is_cut: bool = False


def takes_household(service: DirectoryService, wants: Wants) -> Said | None:
    """Tell whether a service takes adults and children so many; None: it names no ages at all.

    How old the children are is sealed: between plain yes and plain no it is not known. To a shelter
    a household goes together; elsewhere one of them may be the one who goes.
    """
    youngest, oldest = service.minimum_age, service.maximum_age
    if youngest is None and oldest is None:
        return None
    is_together = wants.need in URGENT_NEEDS
    if (
        oldest is not None
        and oldest < ADULT
        and wants.adults
        and not _may_go(wants.children, is_together)
    ):
        return Said.NO
    if (youngest or 0) >= ADULT and wants.children and not _may_go(wants.adults, is_together):
        return Said.NO
    lowest = 0 if wants.children and (is_together or not wants.adults) else ADULT
    has_somebody = wants.adults or wants.children
    return (
        Said.YES if has_somebody and oldest is None and (youngest or 0) <= lowest else Said.NOTHING
    )


def _may_go(others: int, is_together: bool) -> bool:
    return others > 0 and not is_together


def fit(service: DirectoryService, wants: Wants, access: Access | None = None) -> Fit:
    """Weigh one place against what is wanted; codes in reasons and unknowns name the grounds.

    `access` is what is published of getting in; asked for only where somebody needs it step-free.
    """
    reasons: list[str] = []
    unknowns: list[str] = []
    against: list[str] = []
    score = 0
    for ground, said, weight in (
        ("language", _speaks(service, wants), 2),
        ("ages", takes_household(service, wants), 1),
        ("families", _takes_families(service, wants), 3),
        ("region", _serves_region(service, wants), 2),
        ("open_all_hours", _is_open_all_hours(service, wants), 4 if wants.is_urgent else 1),
    ):
        if said is Said.YES:
            reasons.append(ground)
            score += weight
        elif said is Said.NOTHING:
            unknowns.append(ground)
        elif said is Said.NO:
            # What nobody said can be asked for; what is plainly otherwise cannot.
            against.append(ground)
            score -= weight
    wished = {each: _has(service, each, access) for each in wants.features}
    offers = tuple(each for each in wished if wished[each] is Said.YES)
    unsaid = tuple(each for each in wished if wished[each] is Said.NOTHING)
    if Said.NO in wished.values():
        against.append("access")
    score += 3 * len(offers)
    return Fit(
        service,
        score,
        tuple(reasons),
        tuple(unknowns),
        tuple(against),
        offers=offers,
        unsaid=unsaid,
        access=access.words if access and Feature.WHEELCHAIR in unsaid else (),
    )


def _has(service: DirectoryService, wish: Feature, access: Access | None) -> Said:
    """Tell what a place says to a wish: only of access is a “no” ever published."""
    if wish.value in service.features:
        return Said.YES
    return access.said if access and wish is Feature.WHEELCHAIR else Said.NOTHING


def _speaks(service: DirectoryService, wants: Wants) -> Said | None:
    if not wants.language:
        return None
    return speaks(service.languages, service.features, wants.language)


def _serves_region(service: DirectoryService, wants: Wants) -> Said | None:
    """Tell whether a place serves the region of a case; None: the case names none.

    A town and a region cannot be compared by their names, nor a province with its parts, and an area
    may be written in any words: only two regions that a directory names are plainly two.
    """
    if not wants.region:
        return None
    theirs, own = words_alone(wants.region), service.organization.region
    areas = {words_alone(area) for area in service.service_areas or ()}
    if theirs == words_alone(own) or theirs in areas or service.id in wants.near:
        return Said.YES
    is_comparable = own and not areas and not province(own) and not province(wants.region)
    return Said.NO if is_comparable and theirs in wants.regions else Said.NOTHING


def _takes_families(service: DirectoryService, wants: Wants) -> Said | None:
    if not wants.children:
        return None
    return Said.YES if Feature.FAMILIES.value in service.features else Said.NOTHING


def _is_open_all_hours(service: DirectoryService, wants: Wants) -> Said | None:
    if service.is_open_all_hours:
        return Said.YES
    return Said.NOTHING if wants.is_urgent else None


def best_first(
    services: Iterable[DirectoryService],
    wants: Wants,
    access: Mapping[UUID, Access] | None = None,
) -> list[Fit]:
    """Order places by how well they suit, plainly unsuitable ones last; equals by name.

    So the order never jumps.
    """
    said = access or {}
    fits = [fit(service, wants, said.get(service.id)) for service in services]
    return sorted(
        fits,
        key=lambda each: (each.is_for_others, -each.score, fold(each.service.organization.name)),
    )


def best_of_each(fits: Iterable[Fit]) -> list[Fit]:
    """Keep the best place of each agency: it is the agency that is asked."""
    first: dict[UUID, Fit] = {}
    for each in fits:
        first.setdefault(each.service.organization_id, each)
    return list(first.values())
