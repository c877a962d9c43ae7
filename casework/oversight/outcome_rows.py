"""From a report to the rows of its pictures and tables: the same numbers, so that they never differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from casework.cases.models import Reason
from casework.directory.needs import NeedGroup
from casework.oversight.counting import UNMET, Ending, Report

HIDDEN = _l("hidden")
SHORT = {
    Ending.MET: _l("Met"),
    Ending.PARTLY_MET: _l("Partly met"),
    Ending.ANOTHER_WAY: _l("Solved another way"),
    Ending.UNMET_RECEIVED: _l("Help not received"),
    Ending.UNMET_REFERRAL: _l("No referral possible"),
    Ending.NOT_DISCLOSED: _l("Not disclosed"),
    Ending.UNKNOWN: _l("Unknown"),
    Ending.PENDING: _l("In process"),
}
TONES = {
    Ending.MET: "safe",
    Ending.PARTLY_MET: "safe",
    Ending.ANOTHER_WAY: "safe",
    Ending.UNMET_RECEIVED: "unmet",
    Ending.UNMET_REFERRAL: "unmet",
    Ending.PENDING: "waiting",
}


@dataclass(frozen=True)
class Bars:
    """One picture: what it found, and its rows."""

    title: str
    rows: list[dict[str, Any]]

    @property
    def is_blank(self) -> bool:
        """Whether nothing of it may be shown."""
        return all(row["value"] is None for row in self.rows)


def ending_bars(report: Report) -> Bars:
    """Show how needs stand, in the order in which a reader asks."""
    rows = [bar(ending.label, n, TONES.get(ending, "idle")) for ending, n in report.endings.items()]
    return Bars(finding(report), rows)


def finding(report: Report) -> str:
    """Say in one sentence what the visible numbers show; say less when they are hidden."""
    met = report.endings[Ending.MET]
    unmet = [n for ending in UNMET if (n := report.endings[ending]) is not None]
    if met is None or not unmet:
        return _("How needs stand")
    if met > sum(unmet) and len(unmet) == len(UNMET):
        return _("More needs were met than not met")
    if met < max(unmet):
        return _("Fewer needs were met than not met")
    return _("How needs stand")


def reason_bars(report: Report) -> list[Bars]:
    """Show why needs were not met, the two kinds apart."""
    return [
        Bars(
            str(ending.label), [bar(reason_label(reason), n, "unmet") for reason, n in row.items()]
        )
        for ending, row in report.reasons.items()
        if row
    ]


def anonymous_bars(report: Report) -> Bars:
    """Show the contacts of which nothing was kept, by need group."""
    rows = [bar(group.label, n, "idle") for group, n in report.anonymous.items()]
    return Bars(_("Contacts counted without keeping anything"), rows)


def transfer_bars(report: Report) -> Bars:
    """Show the needs whose person was connected to an agency on the line, by need group."""
    rows = [bar(group.label, n, "good") for group, n in report.transfers.items()]
    return Bars(_("Warm transfers: connected to an agency on the line"), rows)


def bar(label: LazyString | str, n: int | None, tone: str) -> dict[str, Any]:
    """Give one row of a picture and of its table."""
    return {
        "label": str(label),
        "value": n,
        "text": str(HIDDEN) if n is None else str(n),
        "tone": tone,
    }


def reason_label(reason: Reason | None) -> LazyString:
    """Name a reason, or say that none was recorded."""
    return _l("No reason recorded") if reason is None else reason.label


def group_heads() -> list[Any]:
    """Give the heads of the table of need groups, in few words."""
    return [_("Need"), *((str(SHORT[ending]), "num") for ending in Ending)]


def hidden_groups(report: Report) -> list[str]:
    """Name the need groups of which no number may be shown."""
    return [str(group.label) for group, row in report.groups.items() if _is_hidden(row)]


def _is_hidden(row: Mapping[Ending, int | None]) -> bool:
    return all(n is None for n in row.values())


def group_rows(groups: Mapping[NeedGroup, Mapping[Ending, int | None]]) -> list[list[Any]]:
    """Give the table of need groups and endings, cell by cell, without groups that show nothing."""
    dash = Markup('<span role="img" aria-label="{}">–</span>').format(HIDDEN)
    return [
        [str(group.label), *(dash if n is None else str(n) for n in row.values())]
        for group, row in groups.items()
        if not _is_hidden(row)
    ]
