"""Whether places are open at this moment by their published hours, and when they open next."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casework.directory import hours_policy
from casework.directory.hours_models import HoursOrigin, HoursWord
from casework.directory.listing_models import Schedule
from casework.directory.models import DirectoryService
from casework.directory.weekly import Weekly, spans_of
from casework.extensions import db
from casework.many import is_one_of
from casework.security import Actor


@dataclass(frozen=True)
class Opening:
    """How a place stands at a moment; `is_open` None is not known, and never shown as open."""

    is_open: bool | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True)
class Word:
    """What was said of the hours of a service, and by whom; `is_said` False: it was taken back."""

    row: HoursWord
    said: Weekly


def hours_of(viewer: Actor, offer_ids: Iterable[UUID]) -> Mapping[UUID, list[Schedule]]:
    """Give the hours of each of these services; one of which none are known is left out.

    What an agency says itself stands above what a source publishes: then nothing else is read.
    """
    found: defaultdict[UUID, list[Schedule]] = defaultdict(list)
    for hours in db.session.scalars(
        select(Schedule).where(
            Schedule.service_id == viewer.service_id,
            is_one_of(Schedule.directory_service_id, offer_ids),
        )
    ):
        found[hours.directory_service_id].append(hours)
    return {offer_id: _said_or_all(rows) for offer_id, rows in found.items()}


def words_on(viewer: Actor, offer_ids: Iterable[UUID]) -> Mapping[UUID, Word]:
    """Give what agencies say themselves of the hours of these services."""
    words = {
        word.directory_service_id: word
        for word in db.session.scalars(
            select(HoursWord).where(
                HoursWord.service_id == viewer.service_id,
                is_one_of(HoursWord.directory_service_id, offer_ids),
            )
        )
    }
    if not words:
        return {}
    hours = hours_of(viewer, [offer_id for offer_id, word in words.items() if word.is_said])
    return {
        offer_id: Word(
            word,
            Weekly(
                spans_of(hours.get(offer_id, ())),
                word.is_all_hours,
                word.closed_from,
                word.closed_until,
            ),
        )
        for offer_id, word in words.items()
    }


def hold_word(viewer: Actor, offer: DirectoryService) -> HoursWord | None:
    """Give the word on a service, and let nobody else write one until the commit."""
    db.session.execute(
        select(DirectoryService.id)
        .where(DirectoryService.service_id == viewer.service_id, DirectoryService.id == offer.id)
        .with_for_update(of=DirectoryService)
    )
    return db.session.scalar(
        select(HoursWord)
        .where(
            HoursWord.service_id == viewer.service_id,
            HoursWord.directory_service_id == offer.id,
        )
        .execution_options(populate_existing=True)
    )


def _said_or_all(rows: list[Schedule]) -> list[Schedule]:
    return [row for row in rows if row.origin is HoursOrigin.SAID] or rows


def openings(
    viewer: Actor, offers: Collection[DirectoryService], at: datetime
) -> Mapping[UUID, Opening]:
    """Tell of each of these services whether it is open, and when it opens next where it is not."""
    published = hours_of(viewer, [offer.id for offer in offers])
    return {offer.id: _opening(offer, published.get(offer.id, []), at) for offer in offers}


def _opening(offer: DirectoryService, published: list[Schedule], at: datetime) -> Opening:
    if offer.is_open_all_hours:
        return Opening(True)
    province = offer.organization.holidays_of
    is_open = hours_policy.is_open(published, at, province)
    if is_open is not False:
        return Opening(is_open)
    return Opening(False, hours_policy.opens_next(published, at, province))
