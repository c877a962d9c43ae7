"""Icons as inline SVG, drawn from the lucide set."""

from functools import lru_cache

from lucide.jinja import lucide
from markupsafe import Markup


@lru_cache(maxsize=512)
def icon(name: str, size: int = 20) -> Markup:
    """Draw one icon, hidden from assistive technology; an unknown name raises.

    The word beside an icon carries its meaning, so the drawing itself is always silent.
    """
    attributes = {"class": "icon", "aria-hidden": "true", "focusable": "false"}
    drawing = lucide(name, size=size, **attributes)
    return Markup(" ".join(drawing.split()).replace("> <", "><"))
