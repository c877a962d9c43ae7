"""Bech32 (BIP 173), the spelling of age’s keys: 32 bytes as text with a checksum."""

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECKSUM = 6


def encode(prefix: str, content: bytes) -> str:
    """Spell bytes in lower case; the prefix says what they are."""
    values = _regroup(content, 8, 5)
    rest = _polymod([*_expand(prefix), *values, *[0] * CHECKSUM]) ^ 1
    values += [rest >> 5 * (CHECKSUM - 1 - place) & 31 for place in range(CHECKSUM)]
    return f"{prefix}1" + "".join(ALPHABET[value] for value in values)


def decode(prefix: str, text: str) -> bytes:
    """Give the bytes back; raise ValueError, which repeats nothing, when the text is not theirs."""
    found, separator, letters = text.lower().rpartition("1")
    if text not in (text.lower(), text.upper()) or found != prefix or not separator:
        raise ValueError("another prefix, or upper and lower case mixed")
    if not set(letters) <= set(ALPHABET):
        raise ValueError("a letter that is never used")
    values = [ALPHABET.index(letter) for letter in letters]
    if len(values) < CHECKSUM or _polymod([*_expand(prefix), *values]) != 1:
        raise ValueError("a checksum that does not fit")
    bits = (len(values) - CHECKSUM) * 5
    content = _regroup(values[:-CHECKSUM], 5, 8)
    if bits % 8 > 4 or (bits % 8 and content.pop()):
        raise ValueError("bits that are left over")
    return bytes(content)


def _polymod(values: list[int]) -> int:
    rest = 1
    for value in values:
        top = rest >> 25
        rest = (rest & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(GENERATOR):
            rest ^= generator if top >> bit & 1 else 0
    return rest


def _expand(prefix: str) -> list[int]:
    return [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]


def _regroup(values: bytes | list[int], width: int, new_width: int) -> list[int]:
    """Cut the same bits into groups of another width; the last is filled up with zeros."""
    bits = "".join(f"{value:0{width}b}" for value in values)
    bits += "0" * (-len(bits) % new_width)
    return [int(bits[start : start + new_width], 2) for start in range(0, len(bits), new_width)]
