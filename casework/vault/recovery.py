"""Recovery: the whole ring sealed to a key that exists only as shares, held by several officers.

docs/decisions/0004-recovery-shares.md says why it is made this way.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyrage
from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from casework.vault import bech32
from casework.vault.format import KEY_BYTES
from casework.vault.keyring import RingRefused, parse_ring
from casework.vault.private_files import prepare_file, put_in_place, write_new_file, writing
from casework.vault.providers import Source

FIELD = "recovery"
IDENTITY_PREFIX = "age-secret-key-"
FEWEST, MOST = 2, 16  # the limits of SLIP-39, where one of many would be a copy and no share


class Ceremony(NamedTuple):
    """A ring that names its recipient, and the shares of that recipient’s key: shown once."""

    ring: str
    shares: list[str]


def with_recovery(ring: str, needed: int, officers: int) -> Ceremony:
    """Make a recovery key, keep its public half in the ring and split the other into shares."""
    if not FEWEST <= needed <= officers <= MOST:
        raise RingRefused(
            f"Between {FEWEST} and {MOST} officers hold shares, and at least {FEWEST} of them are"
            " needed: for example --shares 3 --of 5."
        )
    identity = pyrage.x25519.Identity.generate()
    secret = bech32.decode(IDENTITY_PREFIX, str(identity))
    [shares] = generate_mnemonics(1, [(needed, officers)], secret)
    document = {**json.loads(ring), FIELD: str(identity.to_public())}
    return Ceremony(json.dumps(document), list(shares))


def recovery_path(path: Path) -> Path:
    """Tell where the recovery file of a ring stands: beside it."""
    return path.with_name(f"{path.name}.recovery.age")


def keep_ring(source: Source, ring: str, *, is_new: bool = False) -> Path | None:
    """Store a ring and its recovery file, if it has one; give the recovery file’s place.

    Recovery is on the disk first: nothing may ever be sealed under a key that could not be
    recovered. It takes the place of the old one only once the ring has: a ring that is not stored
    leaves the old pair, whose shares open it.
    """
    recipient = json.loads(ring).get(FIELD)
    if recipient is None or source.path is None:
        source.store(ring, is_new=is_new)
        return None
    path = recovery_path(source.path)
    sealed = _sealed_to(recipient, ring)
    with writing(path):
        if is_new:
            write_new_file(path, sealed)
        prepared = path if is_new else prepare_file(path, sealed)
    before = source.stamp()
    try:
        source.store(ring, is_new=is_new)
    except BaseException:
        # Also Ctrl+C, which may come a moment too late: then the new ring stands.
        if source.stamp() == before:
            prepared.unlink(missing_ok=True)
        elif not is_new:
            put_in_place(prepared, path)
        raise
    if not is_new:
        with writing(path):
            put_in_place(prepared, path)
    return path


def restore_ring(source: Source, ring: str) -> None:
    """Store a recovered ring where there is none; a recovery file that stands there stays."""
    parse_ring(ring, "the recovery file")
    if source.path is not None and recovery_path(source.path).exists():
        source.store(ring, is_new=True)
    else:
        keep_ring(source, ring, is_new=True)


def read_share(text: str, others: Sequence[Share]) -> Share:
    """Read one share and compare it with those before; raise RingRefused with one sentence.

    No sentence repeats a word of it.
    """
    try:
        share = Share.from_mnemonic(text)
    except MnemonicError:
        raise RingRefused(
            "This share is mistyped or incomplete: its words do not fit its checksum."
        ) from None
    for other in others:
        if share.group_parameters() != other.group_parameters():
            raise RingRefused("This share belongs to another set: it was made at another ceremony.")
        if share.index == other.index:
            raise RingRefused("This share was given before: each officer’s counts once.")
    return share


def open_recovery(sealed: bytes, shares: Sequence[Share]) -> str:
    """Put the shares together and give the ring back; raise RingRefused with one sentence."""
    needed = shares[0].member_threshold if shares else FEWEST
    if len(shares) < needed:
        raise RingRefused(f"{needed} shares are needed, and there are {len(shares)}.")
    try:
        secret = combine_mnemonics([share.mnemonic() for share in shares[:needed]])
    except MnemonicError:
        raise RingRefused("These shares do not fit together.") from None
    if len(secret) != KEY_BYTES:
        raise RingRefused("These shares are not those of a key ring.")
    identity = pyrage.x25519.Identity.from_str(bech32.encode(IDENTITY_PREFIX, secret).upper())
    try:
        return pyrage.decrypt(sealed, [identity]).decode("ascii")
    except (pyrage.DecryptError, ValueError):
        raise RingRefused(
            "The shares fit together, but this recovery file is not theirs, or it is damaged."
        ) from None


def _sealed_to(recipient: str, ring: str) -> bytes:
    try:
        return bytes(
            pyrage.encrypt(ring.encode("ascii"), [pyrage.x25519.Recipient.from_str(recipient)])
        )
    except (pyrage.RecipientError, TypeError):
        raise RingRefused("The ring’s recovery recipient is not an age recipient.") from None
