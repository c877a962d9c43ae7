"""The in-app list: each line once, only one's own, seen when seen."""

from typing import Any

from casework.accounts.queries import service_of
from casework.notices import queries, services
from casework.notices.models import NoticeKind

KIND = NoticeKind.CALL_BACK_DUE


def tell(world: Any, key: str, member: Any = None) -> bool:
    member = member or world.amina
    subject = service_of(world.amina.actor)
    return services.tell(world.amina.actor, member.account_id, KIND, subject, key)


def test_one_line_for_each_occurrence(world: Any) -> None:
    """engine.md section 3: in-app exactly once."""
    assert tell(world, "a")
    assert not tell(world, "a")
    assert tell(world, "b")
    assert queries.count(world.amina.actor) == 2


def test_everybody_sees_their_own_lines_only(world: Any) -> None:
    tell(world, "a")
    assert queries.unseen(world.louis.actor) == []
    assert queries.unseen(world.outsider.actor) == []


def test_what_was_seen_is_no_longer_counted(world: Any) -> None:
    tell(world, "a")
    tell(world, "b")
    first = queries.unseen(world.amina.actor)[0]
    assert services.mark_seen(world.amina.actor, [first.id]) == 1
    assert queries.count(world.amina.actor) == 1
    assert services.mark_seen(world.amina.actor) == 1
    assert services.mark_seen(world.amina.actor) == 0
    assert len(queries.latest(world.amina.actor)) == 2


def test_nobody_marks_another_persons_lines(world: Any) -> None:
    tell(world, "a")
    assert services.mark_seen(world.louis.actor) == 0
    assert queries.count(world.amina.actor) == 1
