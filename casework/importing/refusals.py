"""The file of refused and repaired rows: what a spreadsheet opens, and what it must not run."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from casework.importing.models import ImportRemark

# A cell that begins so is a formula to a spreadsheet, whatever wrote it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BEHIND = re.compile(rf"([;\t,|\r\n] *)(?=[{re.escape(''.join(FORMULA))}])")


def lines_of(remarks: Iterable[ImportRemark], rest: int) -> Iterator[str]:
    """Give the lines of the file in the reader’s language; a mark first, so that accents show.

    The last one says how many rows more were only counted.
    """
    yield "\ufeff" + _line(
        [_("File"), _("Line"), _("Id"), _("Field"), _("Refused or repaired"), _("Reason")]
    )
    for remark in remarks:
        outcome = _("Refused") if remark.is_refused else _("Repaired")
        yield _line(
            [
                remark.part,
                str(remark.line),
                remark.source_id,
                remark.field,
                outcome,
                str(remark.reason.label),
            ]
        )
    if rest:
        yield _line([words_of_rest(rest)])


def words_of_rest(rest: int) -> str:
    """Say how many refused and repaired rows are not named, or nothing when all are."""
    if not rest:
        return ""
    return ngettext(
        "%(num)d row more was refused or repaired and is not named.",
        "%(num)d rows more were refused or repaired and are not named.",
        rest,
    )


def escaped(cell: str) -> str:
    """Put a quote before what a spreadsheet would run as a formula.

    Also behind a semicolon or a tab: a spreadsheet in French begins a new cell there.
    """
    safe = BEHIND.sub(r"\1'", cell)
    return f"'{safe}" if safe.lstrip(" ").startswith(FORMULA) else safe


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([escaped(cell) for cell in cells])
    return out.getvalue()
