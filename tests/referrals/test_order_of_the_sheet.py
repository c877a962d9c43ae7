"""On the sheet of answers every press stands behind the fields that it sends."""

from typing import Any

from tests.referrals import scenes


def test_each_press_stands_behind_its_fields(world: Any, visitor: Any) -> None:
    page = visitor().get(scenes.linked(world, scenes.ask(world))).get_data(as_text=True)

    def place(name: str, value: str = "") -> int:
        return page.index(f'name="{name}" value="{value}"' if value else f'name="{name}"')

    assert max(place("appointment"), place("bring")) < place("reply", "hold")
    assert max(place("rank"), place("called_by")) < place("reply", "waitlist")
    assert place("note") < place("reply", "ask") < place("reply", "call_us")
