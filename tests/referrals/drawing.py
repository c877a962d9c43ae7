"""Draws the referral's machine into docs/referrals.md, from the tables that the code itself reads."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from casework import create_app  # noqa: F401 - all rooms, so that codes have their labels
from casework.referrals import clocks, policy
from casework.referrals.clocks import BusinessDays, Rung
from casework.referrals.models import ReferralState
from casework.referrals.policy import Claim, RemarkRule, Transition, Who
from tests.house.source import ROOT

PLACE = ROOT / "docs" / "referrals.md"
PART = re.compile(r"(<!-- from the table: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
NAMES = {Who.NAVIGATOR: "navigator", Who.PARTNER: "agency", Who.SYSTEM: "system"}
RUNGS = {
    Rung.NUDGE: "agency written to again",
    Rung.NAVIGATOR: "navigator told",
    Rung.SUPERVISOR: "supervisors told",
    Rung.EXPIRE: "expires",
}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def diagram(rows: Sequence[Transition] = policy.TRANSITIONS) -> str:
    """Draw the states and the ways between them for Mermaid."""
    common = from_everywhere(rows)
    single = [row for row in rows if row.end not in common]
    inside = [row for row in single if policy.is_open(row.end)]
    # A state belongs to where it is first mentioned, so the open ones are told of inside.
    lines = ["```mermaid", "stateDiagram-v2", "    state open {", "        [*] --> draft"]
    lines += [f"        {arrow(row)}" for row in inside]
    lines.append("    }")
    lines += [f"    {arrow(row)}" for row in single if row not in inside]
    lines += [f"    open --> {end.value}: {label(row)}" for end, row in common.items()]
    leaving = {row.start for row in rows}
    lines += [f"    {state.value} --> [*]" for state in ReferralState if state not in leaving]
    return "\n".join([*lines, "```"])


def from_everywhere(rows: Iterable[Transition]) -> dict[ReferralState, Transition]:
    """Give the states that every open state leads to in the same way, so that one arrow says it."""
    into: dict[ReferralState, list[Transition]] = defaultdict(list)
    for row in rows:
        into[row.end].append(row)
    return {
        end: ways[0]
        for end, ways in into.items()
        if {way.start for way in ways} == set(policy.OPEN_STATES)
        and len({(way.claims, way.needs_reason) for way in ways}) == 1
    }


def arrow(row: Transition) -> str:
    """Write one way as Mermaid does."""
    return f"{row.start.value} --> {row.end.value}: {label(row)}"


def label(row: Transition) -> str:
    """Say on an arrow who may go it, and whether it asks why."""
    people = [NAMES[who] for who in Who if any(claimant is who for claimant, _ in row.claims)]
    return " or ".join(people) + (", reason" if row.needs_reason else "")


def transitions() -> str:
    """List every way: from, to, who on whose word, whether a reason is due."""
    return as_table(
        ("from", "to", "who, on whose word", "reason"),
        [
            (row.start.value, row.end.value, words(row.claims), "yes" if row.needs_reason else "")
            for row in policy.TRANSITIONS
        ],
    )


def remarks() -> str:
    """List what is said without moving."""
    return as_table(
        ("said", "where", "who, on whose word"),
        [(rule.remark.value, places(rule), words(rule.claims)) for rule in rules()],
    )


def ladders() -> str:
    """List what the clock does while nobody answers."""
    rows = []
    for (state, urgency), steps in clocks.LADDERS.items():
        told = "; ".join(f"{RUNGS[step.rung]} after {span(step.wait)}" for step in steps)
        rows.append((state.value, urgency.value, told))
    return as_table(("state", "urgency", "while nobody answers"), rows)


def rules() -> Iterable[RemarkRule]:
    """Give the rows of the second table."""
    return policy.REMARK_RULES.values()


def places(rule: RemarkRule) -> str:
    """Say where something may be said: a family of states by its name, others one by one."""
    families = {
        frozenset(policy.OPEN_STATES): "every open state",
        policy.TERMINAL_STATES: "every ended state",
    }
    named = families.get(rule.states)
    return named or ", ".join(state.value for state in ReferralState if state in rule.states)


def words(claims: Iterable[Claim]) -> str:
    """Say who may claim it and on whose word."""
    by_who: dict[Who, list[str]] = defaultdict(list)
    for who, source in sorted(claims):
        by_who[who].append(source.value)
    return "; ".join(f"{NAMES[who]} ({', '.join(sources)})" for who, sources in by_who.items())


def span(wait: timedelta | BusinessDays) -> str:
    """Say how long a wait is."""
    if isinstance(wait, BusinessDays):
        return f"{wait.days} business day{'s' if wait.days > 1 else ''}"
    return f"{wait // HOUR} h" if wait % HOUR == timedelta() else f"{wait // MINUTE} min"


def as_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table as Markdown does."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


PARTS: dict[str, Callable[[], str]] = {
    "diagram": diagram,
    "transitions": transitions,
    "remarks": remarks,
    "ladders": ladders,
}


def written(text: str) -> str:
    """Write every part of the document that comes from a table anew."""
    return PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}\n{found[4]}", text)


def main() -> None:
    """Write the file."""
    PLACE.write_text(written(PLACE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Written: {PLACE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
