"""Notices as lines: what repeats about one case stands once, and each line leads to its case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel.speaklater import LazyString

from casework.desk import queries
from casework.notices.models import Notice, NoticeKind
from casework.security import Actor


@dataclass(frozen=True)
class Line:
    """One kind of news about one case: how often, when last, whether any of it is new."""

    label: LazyString
    ref: str | None
    at: datetime
    times: int
    is_new: bool


def lines_of(viewer: Actor, notices: Sequence[Notice]) -> list[Line]:
    """Group notices, given newest first, by kind and case; no reference where no case may open."""
    refs = queries.refs_behind(viewer, notices)
    groups: dict[tuple[NoticeKind, str | UUID, bool], list[Notice]] = {}
    for notice in notices:
        about = refs.get(notice.subject_id, notice.subject_id)
        groups.setdefault((notice.kind, about, notice.seen_at is None), []).append(notice)
    return [
        Line(
            label=kind.label,
            ref=about if isinstance(about, str) else None,
            at=told[0].at,
            times=len(told),
            is_new=is_new,
        )
        for (kind, about, is_new), told in groups.items()
    ]
