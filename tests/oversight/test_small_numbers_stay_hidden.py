"""Small cells hide, and nothing that is hidden can be worked out by subtraction (R25)."""

import pytest

from casework.cases.models import NeedOutcome, Reason, UnmetKind
from casework.directory.needs import NeedCode, NeedGroup
from casework.oversight.counting import (
    Ending,
    Report,
    Tally,
    hide_parts,
    hide_small,
    make_report,
    minimum_for,
)


def cells(numbers: list[int]) -> dict[int, int]:
    return dict(enumerate(numbers))


def met(need: NeedCode, n: int) -> Tally:
    return Tally(need, NeedOutcome.MET, None, None, n)


def unmet(need: NeedCode, kind: UnmetKind, reason: Reason, n: int) -> Tally:
    return Tally(need, NeedOutcome.UNMET, kind, reason, n)


def every_number(report: Report) -> list[int]:
    rows = [
        report.endings,
        report.anonymous,
        report.transfers,
        *report.groups.values(),
        *report.reasons.values(),
    ]
    return [n for row in rows for n in row.values() if n is not None]


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([304, 125, 26, 20], [304, 125, 26, 20]),
        ([28, 45, 7, 12], [28, 45, None, None]),
        ([70, 29, 7, 21], [70, 29, None, 21]),
        ([5, 3, 1, 1], [None, None, None, None]),
    ],
)
def test_every_cell_under_the_minimum_is_hidden(
    numbers: list[int], shown: list[int | None]
) -> None:
    """R25's vectors in the form without totals."""
    assert list(hide_small(cells(numbers), lambda _: 20).values()) == shown


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([304, 125, 26, 20], [304, 125, 26, 20]),
        ([28, 45, 7, 12], [28, 45, None, None]),
        ([70, 29, 7, 21], [70, 29, None, None]),
        ([5, 3, 1, 1], [None, None, None, None]),
    ],
)
def test_a_cell_that_subtraction_would_tell_is_hidden_with_it(
    numbers: list[int], shown: list[int | None]
) -> None:
    """R25's vectors where the sum of the cells is shown elsewhere on the page."""
    assert list(hide_parts(cells(numbers), lambda _: 20).values()) == shown


def test_hidden_cells_that_are_all_empty_or_all_full_hide_one_more() -> None:
    """A rest of nothing, or of the most that fits, would tell each hidden cell exactly (R25)."""
    assert hide_parts(cells([50, 30, 0, 0]), lambda _: 20) == {0: 50, 1: None, 2: None, 3: None}
    assert hide_parts(cells([50, 30, 19, 19]), lambda _: 20) == {0: 50, 1: None, 2: None, 3: None}


def test_what_may_concern_violence_needs_twenty() -> None:
    """Eleven is enough for food, twenty for shelter, since it may be from violence (R25)."""
    assert minimum_for(NeedGroup.FOOD) == 11
    assert minimum_for(NeedGroup.SHELTER) == 20
    report = make_report([met(NeedCode.SHELTER, 19), met(NeedCode.FOOD, 12)], {})
    assert report.groups[NeedGroup.SHELTER][Ending.MET] is None


def test_zero_is_as_small_as_any_number() -> None:
    """An empty cell says that nobody was there, so it is hidden too (R25)."""
    report = make_report([], {})
    assert report.is_blank
    assert every_number(report) == []


def test_a_report_prints_no_number_under_its_minimum() -> None:
    """Nothing under eleven leaves the module, whatever goes in (R25)."""
    tallies = [
        Tally(need, outcome, UnmetKind.NOT_RECEIVED, reason, n)
        for n, (need, outcome, reason) in enumerate(
            (need, outcome, reason)
            for need in NeedCode
            for outcome in NeedOutcome
            for reason in (None, Reason.NO_CAPACITY, Reason.NO_FUNDS)
        )
    ]
    numbers = every_number(make_report([t for t in tallies if t.n % 7 < 3], {NeedGroup.FOOD: 10}))
    assert numbers
    assert min(numbers) >= 11


def test_no_hidden_group_can_be_worked_out_from_the_picture_above_it() -> None:
    """With one small group, another hides beside it, for the picture tells their sum (R25)."""
    report = make_report(
        [met(NeedCode.FOOD, 40), met(NeedCode.RENT, 12), met(NeedCode.LEGAL, 3)], {}
    )
    assert report.endings[Ending.MET] == 55
    shown = [report.groups[group][Ending.MET] for group in NeedGroup]
    assert shown.count(None) >= 2
    assert 3 not in shown


def test_the_two_kinds_of_unmet_need_stay_apart() -> None:
    """No referral could be made is not the same as referred and not helped (domain.md 5)."""
    report = make_report(
        [
            unmet(NeedCode.FOOD, UnmetKind.NO_REFERRAL, Reason.NO_SERVICE_EXISTS, 22),
            unmet(NeedCode.FOOD, UnmetKind.NOT_RECEIVED, Reason.NO_FUNDS, 31),
        ],
        {},
    )
    assert report.endings[Ending.UNMET_REFERRAL] == 22
    assert report.endings[Ending.UNMET_RECEIVED] == 31
    assert report.reasons[Ending.UNMET_RECEIVED] == {Reason.NO_FUNDS: 31}


def test_hidden_reasons_stand_in_no_order_that_tells_their_size() -> None:
    """Ranked bars put what is hidden last, by name, never by number (R25)."""
    kind = UnmetKind.NOT_RECEIVED
    report = make_report(
        [
            unmet(NeedCode.FOOD, kind, Reason.TRANSPORT, 9),
            unmet(NeedCode.FOOD, kind, Reason.COST, 2),
            unmet(NeedCode.FOOD, kind, Reason.NO_FUNDS, 30),
        ],
        {},
    )
    assert list(report.reasons[Ending.UNMET_RECEIVED]) == [
        Reason.NO_FUNDS,
        Reason.COST,
        Reason.TRANSPORT,
    ]


def test_anonymous_contacts_pass_the_same_minimum() -> None:
    """Contacts counted without a record hide when they are few (R1, R25)."""
    report = make_report([], {NeedGroup.FOOD: 11, NeedGroup.SHELTER: 19, NeedGroup.INCOME: 10})
    assert report.anonymous[NeedGroup.FOOD] == 11
    assert report.anonymous[NeedGroup.SHELTER] is None
    assert report.anonymous[NeedGroup.INCOME] is None
