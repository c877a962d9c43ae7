"""References people can say aloud: six characters of 31, one a check, none that look alike."""

import secrets

from werkzeug.routing import BaseConverter, ValidationError

# No 0 O, 1 I L: nothing a tired ear or eye could take for something else. 31 is prime, which lets
# one check character catch every single wrong character and every swap of two neighbours.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 6
MOST_REFERENCES = len(ALPHABET) ** (LENGTH - 1)
# It shares no factor with 31, so that the numbers from 0 on lead to references far apart, each once.
STRIDE = 9_999_991


def _check_character(body: str) -> str:
    total = sum((place + 2) * ALPHABET.index(sign) for place, sign in enumerate(body))
    return ALPHABET[-total % len(ALPHABET)]


def new_reference(prefix: str) -> str:
    """Make a reference such as C-7K4M2Q; the caller makes sure it is not taken."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return f"{prefix}-{body}{_check_character(body)}"


def numbered_reference(prefix: str, number: int) -> str:
    """Give the n-th of all references, each once: for many at a time, when all are invented."""
    rest = number * STRIDE % MOST_REFERENCES
    signs = []
    for _ in range(LENGTH - 1):
        rest, place = divmod(rest, len(ALPHABET))
        signs.append(ALPHABET[place])
    body = "".join(signs)
    return f"{prefix}-{body}{_check_character(body)}"


def parse_reference(text: str) -> str | None:
    """Read a reference however it was typed (case, dash, spaces); None when it cannot be one."""
    signs = "".join(text.split()).replace("-", "").upper()
    if len(signs) != LENGTH + 1:
        return None
    prefix, body, check = signs[0], signs[1:-1], signs[-1]
    if prefix not in "CR" or any(sign not in ALPHABET for sign in body):
        return None
    return f"{prefix}-{body}{check}" if _check_character(body) == check else None


class ReferenceConverter(BaseConverter):
    """<ref:ref> in a URL: a mistyped reference is no page at all, so that it opens nobody else."""

    regex = r"[A-Za-z]-?[0-9A-Za-z]{6}"

    def to_python(self, value: str) -> str:
        """Give the canonical reference or let the rule not match."""
        ref = parse_reference(value)
        if ref is None:
            raise ValidationError
        return ref
