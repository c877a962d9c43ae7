"""Writes the catalogues nobody types: English as it stands, and the pseudo-language that shows bare words.

The pseudo-language (locale eo) is accented, about 35 % longer, and in brackets.
"""

import re
from collections.abc import Callable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from tests.house.source import ROOT

TRANSLATIONS = ROOT / "casework" / "translations"
PLAIN = "aceghijlnostuyzACEGHIJLNOSTUYZ"
ACCENTED = "âçéĝĥîĵļñöšţûýžÂÇÉĜĤÎĴĻÑÖŠŢÛÝŽ"
TABLE = str.maketrans(PLAIN, ACCENTED)
KEPT = re.compile(r"(%\(\w+\)[sd]|\{\w*\}|<[^>]+>|&\w+;|%%)")


def pseudo(text: str) -> str:
    """Accent and lengthen a text, and leave its placeholders and markup as they are."""
    parts = KEPT.split(text)
    accented = "".join(part if KEPT.fullmatch(part) else part.translate(TABLE) for part in parts)
    return f"[{accented}{'~' * (len(text) * 35 // 100)}]"


def write(template: Path, locale: str, worded: Callable[[str], str]) -> None:
    """Write the catalogue of every message in the template, each text worded by a function."""
    target = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"
    with template.open("rb") as file:
        source = read_po(file)
    catalogue = Catalog(
        locale=locale, fuzzy=False, header_comment="# Made by tests/house/made_locales.py."
    )
    for message in source:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = tuple(worded(text) for text in ids)
        catalogue.add(
            message.id,
            texts if isinstance(message.id, tuple) else texts[0],
            context=message.context,
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        write_po(file, catalogue, width=100, no_location=True, omit_header=False)


if __name__ == "__main__":
    TEMPLATE = ROOT / "var" / "messages.pot"
    write(TEMPLATE, "eo", pseudo)
    write(TEMPLATE, "en_CA", str)
