"""The one module every number of a report passes through: what is small is hidden (R25)."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask_babel import lazy_gettext as _l

from casework.cases.models import NeedOutcome, Reason, UnmetKind
from casework.database import Code
from casework.directory.needs import GROUP_OF, SENSITIVE_NEEDS, NeedCode, NeedGroup

MINIMUM = 11
MINIMUM_VIOLENCE = 20
VIOLENCE_GROUPS = frozenset(GROUP_OF[need] for need in SENSITIVE_NEEDS)

Key = TypeVar("Key", bound=Hashable)
Shown = dict[Key, int | None]


class Ending(Code):
    """How a need stands, as reports tell it; the two kinds of unmet need stay apart."""

    MET = "met", _l("Need met")
    PARTLY_MET = "partly_met", _l("Partly met")
    ANOTHER_WAY = "another_way", _l("Solved another way")
    UNMET_RECEIVED = "unmet_b", _l("Not met: referred, but help not received")
    UNMET_REFERRAL = "unmet_a", _l("Not met: no referral could be made")
    NOT_DISCLOSED = "not_disclosed", _l("Not disclosed")
    UNKNOWN = "unknown", _l("Unknown")
    PENDING = "pending", _l("Still in process")


ENDING_OF: dict[NeedOutcome, Ending] = {
    NeedOutcome.MET: Ending.MET,
    NeedOutcome.PARTIALLY_MET: Ending.PARTLY_MET,
    NeedOutcome.RESOLVED_OTHERWISE: Ending.ANOTHER_WAY,
    NeedOutcome.UNMET: Ending.UNMET_RECEIVED,
    NeedOutcome.NOT_DISCLOSED: Ending.NOT_DISCLOSED,
    NeedOutcome.UNKNOWN: Ending.UNKNOWN,
    NeedOutcome.PENDING: Ending.PENDING,
}
UNMET = (Ending.UNMET_RECEIVED, Ending.UNMET_REFERRAL)


@dataclass(frozen=True)
class Tally:
    """So many needs of one code that ended in the same way, as the database counted them."""

    need: NeedCode
    outcome: NeedOutcome
    kind: UnmetKind | None
    reason: Reason | None
    n: int

    @property
    def ending(self) -> Ending:
        """How these needs ended, in the words of reports."""
        if self.outcome is NeedOutcome.UNMET and self.kind is UnmetKind.NO_REFERRAL:
            return Ending.UNMET_REFERRAL
        return ENDING_OF[self.outcome]


@dataclass(frozen=True)
class Report:
    """What a supervisor may see of a period; None stands for a number that is hidden."""

    endings: Shown[Ending]
    groups: dict[NeedGroup, Shown[Ending]]
    reasons: dict[Ending, Shown[Reason | None]]
    anonymous: Shown[NeedGroup]
    # Needs whose person was connected to an agency on the line.
    transfers: Shown[NeedGroup]

    @property
    def is_blank(self) -> bool:
        """Whether every cell is hidden, so that pictures would show nothing."""
        cells = [*self.endings.values(), *self.anonymous.values(), *self.transfers.values()]
        cells += [cell for row in self.groups.values() for cell in row.values()]
        return all(cell is None for cell in cells)


def minimum_for(group: NeedGroup | None) -> int:
    """Give the smallest number that may be shown; what may concern violence needs more (R25)."""
    is_violence = group is None or group in VIOLENCE_GROUPS
    return MINIMUM_VIOLENCE if is_violence else MINIMUM


def hide_small(counts: Mapping[Key, int], minimum_of: Callable[[Key], int]) -> Shown[Key]:
    """Hide every cell under its minimum, zero included (R25)."""
    return {key: n if n >= minimum_of(key) else None for key, n in counts.items()}


def hide_parts(counts: Mapping[Key, int], minimum_of: Callable[[Key], int]) -> Shown[Key]:
    """Hide small cells of a sum that is shown elsewhere, and as many more as keep them hidden (R25)."""
    shown = hide_small(counts, minimum_of)
    while _is_given_away(counts, shown, minimum_of):
        smallest = min((n, place) for place, n in enumerate(shown.values()) if n is not None)
        shown[list(shown)[smallest[1]]] = None
    return shown


def _is_given_away(
    counts: Mapping[Key, int], shown: Shown[Key], minimum_of: Callable[[Key], int]
) -> bool:
    """Tell whether someone who knows the sum could work out a hidden cell by subtraction."""
    hidden = [key for key, n in shown.items() if n is None]
    if not hidden or len(hidden) == len(shown):
        return False
    rest = sum(counts[key] for key in hidden)
    # Nothing left, or all that could be left: either tells each hidden cell exactly.
    return len(hidden) == 1 or rest in (0, sum(minimum_of(key) - 1 for key in hidden))


def make_report(
    tallies: Iterable[Tally],
    anonymous: Mapping[NeedGroup, int],
    transfers: Mapping[NeedGroup, int] | None = None,
) -> Report:
    """Turn raw counts into what may be shown: no grand total, nothing small, nothing derivable."""
    cells: dict[Ending, dict[NeedGroup, int]] = {
        ending: dict.fromkeys(NeedGroup, 0) for ending in Ending
    }
    reasons: dict[Ending, dict[Reason | None, int]] = {end: defaultdict(int) for end in UNMET}
    for tally in tallies:
        cells[tally.ending][GROUP_OF[tally.need]] += tally.n
        if tally.ending in reasons:
            reasons[tally.ending][tally.reason] += tally.n
    endings = hide_small({end: sum(row.values()) for end, row in cells.items()}, _mixed)
    columns = {end: _parts(endings[end], row, minimum_for) for end, row in cells.items()}
    return Report(
        endings=endings,
        groups={group: {end: columns[end][group] for end in Ending} for group in NeedGroup},
        reasons={end: _ranked(_parts(endings[end], row, _mixed)) for end, row in reasons.items()},
        anonymous=_by_group(anonymous),
        transfers=_by_group(transfers or {}),
    )


def _by_group(counts: Mapping[NeedGroup, int]) -> Shown[NeedGroup]:
    """Show a count of its own by need group; its sum is shown nowhere."""
    return hide_small({group: counts.get(group, 0) for group in NeedGroup}, minimum_for)


def _mixed(key: object) -> int:
    """A cell that mixes every group may concern violence too."""
    return minimum_for(None)


def _parts(
    whole: int | None, counts: Mapping[Key, int], minimum_of: Callable[[Key], int]
) -> Shown[Key]:
    if whole is None:
        return hide_small(counts, minimum_of)
    return hide_parts(counts, minimum_of)


def _ranked(shown: Shown[Key]) -> Shown[Key]:
    """Put the largest first; hidden cells follow in no order that would tell their size."""
    ranked = sorted(
        shown.items(), key=lambda item: (item[1] is None, -(item[1] or 0), str(item[0]))
    )
    return dict(ranked)
