"""One lane of My day at a time, as the tests ask for it."""

from datetime import datetime

from casework.followups import queries
from casework.followups.models import FollowUp
from casework.followups.queries import LaneName
from casework.security import Actor


def callable_now(viewer: Actor, at: datetime) -> list[FollowUp]:
    """List whom the viewer may call now."""
    return _lane(viewer, LaneName.NOW, at, at)


def later_today(viewer: Actor, at: datetime, until: datetime) -> list[FollowUp]:
    """List whom the viewer may call later."""
    return _lane(viewer, LaneName.LATER, at, until)


def waiting_for_call(viewer: Actor, at: datetime, until: datetime) -> list[FollowUp]:
    """List those who will call us, or whom we may not call."""
    return _lane(viewer, LaneName.WAITS, at, until)


def no_window(viewer: Actor, at: datetime) -> list[FollowUp]:
    """List what is due and has no agreed hour left."""
    return _lane(viewer, LaneName.STUCK, at, at)


def _lane(viewer: Actor, name: LaneName, at: datetime, until: datetime) -> list[FollowUp]:
    return [each.follow_up for each in queries.my_lanes(viewer, at, until).lanes[name]]
