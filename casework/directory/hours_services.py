"""An agency says when a service is open, and takes it back; imports leave its word alone."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete

from casework import audit
from casework.database import Refused, StaleVersion, now
from casework.directory import hours_queries, weekly
from casework.directory.hours_models import HoursOrigin, HoursWord
from casework.directory.listing_models import Schedule
from casework.directory.models import DirectoryService
from casework.directory.weekly import Weekly
from casework.extensions import db
from casework.security import Actor, ActorKind


class NoHours(Refused):
    """Hours of no day at all: a service that is closed says from when."""

    message = _l("Write the hours of at least one day, or choose “Day and night”.")
    field = "how"


class Overlapping(Refused):
    """Two spans of a day overlap, or one goes on after another that lasts until the next morning."""

    message = _l("The times of a day overlap.")
    field = "how"


class BadClosing(Refused):
    """A time of closing ends before it begins, or has an end alone."""

    message = _l("Write the first closed day, and a last one that is not before it.")
    field = "closed_until"


def say_hours(
    actor: Actor, offer: DirectoryService, *, said: Weekly, version: int | None = None
) -> HoursWord:
    """Write when a service is open; it stands above what is published until it is taken back.

    Raises NoHours, Overlapping, BadClosing, and StaleVersion when somebody said otherwise since
    `version`; 0 is a service of which nobody said anything.
    """
    _check(said)
    word = _word(actor, offer, version)
    word.is_said, word.is_all_hours = True, said.is_all_hours
    word.closed_from, word.closed_until = said.closed_from, said.closed_until
    # Whoever reads only this is never told that it is open while it is closed for a time.
    offer.is_open_all_hours = said.is_all_hours and said.closed_from is None
    _forget(offer)
    zone = offer.organization.time_zone
    for rule in weekly.rules_of(said):
        db.session.add(
            Schedule(
                service_id=offer.service_id,
                directory_service_id=offer.id,
                origin=HoursOrigin.SAID,
                time_zone=zone,
                **rule._asdict(),
            )
        )
    db.session.flush()
    audit.record(
        actor,
        "directory:hours:said",
        offer,
        detail={"spans": len(said.spans), "all": said.is_all_hours, "version": word.version},
    )
    return word


def take_back_hours(
    actor: Actor, offer: DirectoryService, *, version: int | None = None
) -> HoursWord:
    """Let what is published hold again. Raises StaleVersion, as say_hours does."""
    word = _word(actor, offer, version)
    word.is_said = word.is_all_hours = False
    word.closed_from = word.closed_until = None
    offer.is_open_all_hours = word.is_published_all_hours
    _forget(offer)
    db.session.flush()
    audit.record(actor, "directory:hours:taken_back", offer, detail={"version": word.version})
    return word


def _check(said: Weekly) -> None:
    if not said.is_all_hours and not said.spans:
        raise NoHours
    if weekly.overlapping(said.spans):
        raise Overlapping
    first, last = said.closed_from, said.closed_until
    if last is not None and (first is None or last < first):
        raise BadClosing


def _word(actor: Actor, offer: DirectoryService, version: int | None) -> HoursWord:
    """Give the word on a service, nobody else changing it until the commit, one version further."""
    word = hours_queries.hold_word(actor, offer)
    if version is not None and version != (word.version if word else 0):
        raise StaleVersion
    if word is None:
        word = HoursWord(
            service_id=offer.service_id,
            directory_service_id=offer.id,
            is_said=False,
            is_all_hours=False,
            is_by_agency=False,
            is_published_all_hours=offer.is_open_all_hours,
            version=0,
            said_at=now(),
        )
        db.session.add(word)
    word.version += 1
    word.said_at, word.said_by = now(), actor.id
    word.is_by_agency = actor.kind is ActorKind.AGENCY
    return word


def _forget(offer: DirectoryService) -> None:
    db.session.execute(
        delete(Schedule).where(
            Schedule.service_id == offer.service_id,
            Schedule.directory_service_id == offer.id,
            Schedule.origin == HoursOrigin.SAID,
        )
    )
