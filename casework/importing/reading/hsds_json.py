"""Reads HSDS 3.0 as nested JSON: a list, a page of contents, single objects, or one a line."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from casework.importing.reading.files import Part, Parts
from casework.importing.reading.hidden import Hidden
from casework.importing.reading.hsds import REDACTED, learn, read_service, services_of
from casework.importing.reading.reasons import Reason
from casework.importing.reading.records import Read
from casework.importing.reading.texts import LONGEST, Window, chunks

# An element begins at a brace; before it only what stands between elements or around the list.
BRACE = re.compile(r"\{")
LISTS = re.compile(r'"(?:contents|services|organizations|data|items|results)"\s*:\s*\[\s*(?=\{|\])')
# Where reading goes on behind an element that is broken: a new line that begins one, most likely.
NEXT = re.compile(r"(?:\n[ \t\r]*|\},[ \t\r\n]*)(?=\{\s*\"(?:id|name|organization)\")")
# Some place in the file is hidden, however it is said.
HIDES = re.compile(
    rf'"(?:location|address)_type"\s{{0,20}}:\s{{0,20}}"\s{{0,9}}(?:{"|".join(sorted(REDACTED))})',
    re.IGNORECASE,
)
LONGEST_MARK = 120
MARKS = re.compile(r'["{}\[\]]')
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
IDS = re.compile(r'"id"\s*:\s*"([^"\\]{1,120})"')
MOST_IDS = 500
DEEPEST = 24
# A mistake so close to the end of what was read may be none: the rest is not there yet.
CLOSE = 64
# Where reading goes on is looked for in so much, then in twice as much, and no further than needed.
NEAR = 256
DECODER = json.JSONDecoder(strict=False)


class Broken(Exception):
    """An element cannot be read; reading goes on at a position of the window."""

    def __init__(self, reason: Reason, goes_on_at: int) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.goes_on_at = goes_on_at


class HsdsJson:
    """Elements one after the other, each in memory by itself."""

    def __init__(self, path: Path) -> None:
        self._parts = Parts(path, ".json")
        self.is_whole = True

    @property
    def percent(self) -> int:
        """How much was read, by bytes."""
        return self._parts.percent

    def rows(self) -> Iterator[Read]:
        """Give each service; an element that is broken is refused by itself."""
        with Hidden() as known:
            self._learn_hidden(known)
            for part in self._parts.list:
                for found, line in self._elements_of(part):
                    if isinstance(found, Read):
                        yield found
                        continue
                    for service in services_of(found):
                        yield read_service(service, Read(part.name, line), known)

    def _learn_hidden(self, known: Hidden) -> None:
        """Look for what is confidential before anything is given: a text may repeat it earlier (R20)."""
        for part in self._parts.list:
            if self._hides_something(part):
                self._parts.begin_again()
                for found, _line in self._elements_of(part):
                    for service in () if isinstance(found, Read) else services_of(found):
                        learn(service, known)
            self._parts.begin_again()
        self.is_whole = True

    def _hides_something(self, part: Part) -> bool:
        before = ""
        with self._parts.open(part) as stream:
            for piece in chunks(stream, self._parts.count):
                if HIDES.search(before + piece):
                    return True
                before = piece[-LONGEST_MARK:]
        return False

    def _elements_of(self, part: Part) -> Iterator[tuple[dict[str, Any] | Read, int]]:
        with self._parts.open(part) as stream:
            yield from self._elements(part, Window(chunks(stream, self._parts.count)))

    def _elements(self, part: Part, window: Window) -> Iterator[tuple[dict[str, Any] | Read, int]]:
        _step_inside(window)
        while begins := window.find(BRACE):
            window.drop(begins.start())
            line = window.line
            try:
                element, end = _element(window)
            except Broken as broken:
                ids = IDS.findall(window.text, 0, broken.goes_on_at)[:MOST_IDS]
                yield Read(part.name, line, ids=ids).refuse(broken.reason), line
                if window.is_at_end and broken.goes_on_at >= len(window.text):
                    self.is_whole = False
                    return
                window.drop(broken.goes_on_at)
                continue
            window.drop(end)
            yield element, line
        if not window.is_at_end:
            self.is_whole = False
            yield Read(part.name, window.line).refuse(Reason.TOO_LONG), window.line


def _step_inside(window: Window) -> None:
    """Go to the first element: inside the list of a page, or to the beginning of a bare one."""
    window.find(BRACE)
    start = window.text.lstrip()
    if start.startswith("["):
        return
    while not (inside := LISTS.search(window.text)):
        if len(window.text) > 1 << 16 or not window.more():
            return
    # A list that stands behind an element’s own id belongs to that element, not around it.
    before = window.text[: inside.start()]
    if '"id"' not in before and before.count("{") == 1:
        window.drop(inside.end())


def _element(window: Window) -> tuple[dict[str, Any], int]:
    """Read the element at the beginning of the window; raise Broken."""
    while True:
        try:
            element, end = DECODER.raw_decode(window.text)
        except RecursionError:
            text = window.text
            raise Broken(Reason.TOO_DEEP, _end(text, len(text)) or len(text)) from None
        except json.JSONDecodeError as error:
            if _may_go_on(error) and len(window.text) <= LONGEST and window.more():
                continue
            raise _broken(window) from None
        if not isinstance(element, dict):
            raise Broken(Reason.MALFORMED, end)
        if _depth(element) > DEEPEST:
            raise Broken(Reason.TOO_DEEP, end)
        return element, end


def _may_go_on(error: json.JSONDecodeError) -> bool:
    """Tell whether an element may be whole once more of it is there."""
    return error.msg.startswith("Unterminated") or error.pos > len(error.doc) - CLOSE


def _broken(window: Window) -> Broken:
    """Say what is wrong with an element, and where reading may go on."""
    end = _goes_on_at(window)
    if end < len(window.text):
        return Broken(Reason.MALFORMED, end)
    if not window.is_at_end:
        return Broken(Reason.TOO_LONG, len(window.text))
    return Broken(Reason.CUT_SHORT, end)


def _goes_on_at(window: Window) -> int:
    """Find the next beginning or the end of the broken element, whichever comes first.

    No more is walked than twice the way there: a file of nothing but broken elements is walked
    through once, not once for each.
    """
    far = NEAR
    while True:
        end = _end(window.text, far)
        if following := NEXT.search(window.text, 1, end or far):
            return following.end()
        if end is not None:
            return end
        if far >= len(window.text) and not (len(window.text) <= LONGEST and window.more()):
            return len(window.text)
        far *= 2


def _end(text: str, far: int) -> int | None:
    """Find the end of the element at the beginning of a text by its brackets alone; None if it is not near."""
    depth, at = 0, 0
    while found := MARKS.search(text, at, far):
        sign, at = found.group(), found.end()
        if sign == '"':
            string = STRING.match(text, found.start(), far)
            if string is None:
                return None
            at = string.end()
        else:
            depth += 1 if sign in "{[" else -1
            if depth == 0:
                return at
    return None


def _depth(value: Any) -> int:
    """Count how deeply lists and objects are nested, without recursion."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, dict | list):
            deepest = max(deepest, depth)
            inner = item.values() if isinstance(item, dict) else item
            waiting += [(each, depth + 1) for each in inner if isinstance(each, dict | list)]
    return deepest
