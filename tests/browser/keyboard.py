"""Hands on a keyboard: presses are counted, and wherever the focus goes it must be seen."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.browser.watched import Watched

# What shows the focus: the pill around a radio button, else the thing itself. Numbers are rounded.
FOCUSED = """
    () => {
        // What sticks over the page just now, unless the focus is inside it.
        const covering = (name, inside) => {
            const e = document.querySelector(name);
            if (!e || e.contains(inside) || getComputedStyle(e).position !== "sticky") return null;
            const box = e.getBoundingClientRect();
            return name === ".bar" || box.top < 12 ? box : null;
        };
        const e = document.activeElement;
        if (!e || e === document.body) return null;
        const shown = e.matches("input[type=radio], input[type=checkbox]") ? e.closest("label") ?? e : e;
        const box = shown.getBoundingClientRect();
        const bar = covering(".bar", e), banner = covering(".sticky", e);
        const highest = banner ? banner.bottom : 0, lowest = bar ? bar.top : innerHeight;
        const meets = (other) => other && box.right > other.left && box.left < other.right
            && box.bottom > other.top + 1 && box.top < other.bottom - 1;
        const is_under = meets(bar) || meets(banner);
        return {
            name: e.name || e.innerText?.trim() || e.tagName, value: e.value ?? "",
            in_main: Boolean(e.closest("main")) && !e.closest(".bar, dialog"),
            left: box.left, right: box.right, top: box.top + scrollY, bottom: box.bottom + scrollY,
            is_hidden: is_under || box.bottom < 0 || box.top > innerHeight,
            is_tall: box.height > lowest - highest,
            is_plain: getComputedStyle(shown).outlineStyle === "none",
        };
    }
"""


@dataclass
class Keyboard:
    """Presses keys and counts them; what is typed into one field counts once."""

    watched: Watched
    pressed: int = 0
    hidden: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        return self.watched.page

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def type(self, text: str) -> None:
        """Type a text into the field that has the focus."""
        self.page.keyboard.type(text)
        self.pressed += 1

    def go(self, key: str) -> None:
        """Press the key that leads to another page, and look at that page."""
        with self.page.expect_navigation():
            self.press(key)
        self.watched.check()

    def save(self) -> None:
        """Save from wherever the cursor stands."""
        self.pressed += 1
        self.watched.save(status=200)

    @property
    def focused(self) -> Any:
        """Tell what has the focus: its name, its value, where it stands, and whether it is seen."""
        return self.page.evaluate(FOCUSED) or {"name": "", "value": ""}

    def tab_to(self, name: str, value: str | None = None) -> None:
        """Walk forward to a field; a walk of more than forty steps leads nowhere."""
        passed = []
        for _ in range(40):
            found = self.focused
            if found["name"] == name and value in (None, found["value"]):
                return
            self.press("Tab")
            found = self.focused
            passed.append(found["name"])
            if found.get("is_hidden") and not found["is_tall"]:
                self.hidden.append(found["name"])
        raise AssertionError(f"{name} was not met: {passed}")

    def to_the_content(self) -> None:
        """Skip what every page begins with, if the page does not open at its content (#main)."""
        self.press("Tab")
        if self.page.evaluate("document.activeElement.matches('.skip')"):
            self.press("Enter")

    def walk(self) -> list[str]:
        """Tab through the whole page and list where the order or the sight of the focus is lost."""
        wrong: list[str] = []
        before: Any = None
        for _ in range(250):
            self.press("Tab")
            now = self.focused
            if not now["name"] or now["name"] == "BODY":
                break
            if now["is_hidden"] and not now["is_tall"]:
                wrong.append(f"{now['name']} is hidden")
            if now["is_plain"]:
                wrong.append(f"{now['name']} does not show its focus")
            if before and before["in_main"] and now["in_main"] and goes_back(before, now):
                wrong.append(f"{before['name']}, then {now['name']}")
            before = now
        else:
            wrong.append("the walk does not end")
        return wrong


def goes_back(before: Any, now: Any) -> bool:
    """Tell whether the eye must go back: up without going right, or left on the same line."""
    is_above = now["bottom"] <= before["top"] + 2
    is_same_line = not is_above and now["top"] < before["bottom"] - 2
    is_right = now["left"] >= before["left"]
    return (is_above or is_same_line) and not is_right
