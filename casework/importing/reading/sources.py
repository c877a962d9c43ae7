"""Which reader belongs to which format."""

from collections.abc import Callable
from pathlib import Path

from casework.importing.models import ImportFormat
from casework.importing.reading.airs_xml import AirsXml
from casework.importing.reading.hsds_csv import HsdsCsv
from casework.importing.reading.hsds_json import HsdsJson
from casework.importing.reading.icarol import Icarol
from casework.importing.reading.records import Reader

READERS: dict[ImportFormat, Callable[[Path], Reader]] = {
    ImportFormat.HSDS_JSON: HsdsJson,
    ImportFormat.HSDS_CSV: HsdsCsv,
    ImportFormat.ICAROL: Icarol,
    ImportFormat.AIRS_XML: AirsXml,
}


def open_source(format_: ImportFormat, path: Path) -> Reader:
    """Open a source for reading; raise Unreadable when it holds nothing of this format."""
    return READERS[format_](path)
