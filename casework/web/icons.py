"""Icons as inline SVG, drawn from the lucide set."""

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

from markupsafe import Markup

# What stands in the opening tag of every drawing of the set, and what stands there on a page.
NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'
MEASURES = 'width="24" height="24"'
SILENT = 'class="icon" aria-hidden="true" focusable="false"'


@lru_cache(maxsize=512)
def icon(name: str, size: int = 20) -> Markup:
    """Draw one icon, hidden from assistive technology; an unknown name raises KeyError.

    The word beside an icon carries its meaning, so the drawing itself is always silent.
    """
    drawing = " ".join(_set().read(f"{name}.svg").decode("utf-8").split()).replace("> <", "><")
    opening, _, inside = drawing.partition(" >")
    opening = opening.replace(NAMESPACE, "").replace(MEASURES, f'width="{size}" height="{size}"')
    return Markup(f"{opening} {SILENT}>{inside}")


@lru_cache(maxsize=1)
def _set() -> ZipFile:
    """Open the set once: its own reader looks through all 1,700 names again for every icon.

    In memory, since processes forked later would share the place in an open file.
    """
    return ZipFile(BytesIO((files("lucide") / "lucide.zip").read_bytes()))
