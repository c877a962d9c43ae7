"""The file of refused and repaired rows: what a spreadsheet opens, and what it must not run."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from flask_babel import gettext as _

from casework.importing.models import ImportRemark

# A cell that begins so is a formula to a spreadsheet, whatever wrote it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BEHIND = re.compile(rf"([;\t,|\r\n] *)(?=[{re.escape(''.join(FORMULA))}])")


def lines_of(remarks: Iterable[ImportRemark]) -> Iterator[str]:
    """Give the lines of the file in the reader’s language; a mark first, so that accents show."""
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
