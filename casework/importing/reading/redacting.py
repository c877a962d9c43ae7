"""Takes what is confidential out of a service before anything else sees it (R20)."""

from collections.abc import Iterable
from urllib.parse import unquote_plus

from casework.importing.reading.records import Listed
from casework.importing.reading.taking import Taker

OF_AGENCY = ("alternate_name", "description")
TEXTS = ("name", "description", "eligibility", "hours", "cost", "application")


def withhold(listed: Listed, secrets: Iterable[str], take: Taker) -> None:
    """Take confidential address lines out of every text of a service and its organisation."""
    known = list(dict.fromkeys(secrets))
    if not known:
        return
    for name in TEXTS:
        setattr(listed, name, take.withheld(getattr(listed, name), known, name))
    listed.documents = [take.withheld(text, known, "document") for text in listed.documents]
    listed.areas = [take.withheld(text, known, "service_area") for text in listed.areas]
    for name in OF_AGENCY:
        text = take.withheld(getattr(listed.agency, name), known, f"organization.{name}")
        setattr(listed.agency, name, text)
    for holder in (listed, listed.agency):
        # A link to a map tells it too, and a link with a hole in it leads nowhere.
        if take.withheld(unquote_plus(holder.url), known, "url") != unquote_plus(holder.url):
            holder.url = ""
    for hours in listed.schedules:
        hours.description = take.withheld(hours.description, known, "schedule.description")
    for phone in listed.phones:
        phone.description = take.withheld(phone.description, known, "phone.description")
    for place in listed.places:
        place.name = take.withheld(place.name, known, "location.name")
        place.description = take.withheld(place.description, known, "location.description")
        place.accessibility = [
            take.withheld(text, known, "accessibility") for text in place.accessibility
        ]
