"""Passphrases: argon2id with stored parameters, and what is too easily guessed, refused offline."""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l

from casework.database import Refused

SHORTEST = 15
# Nothing is cut; this only bounds the work that one request can ask for.
LONGEST = 256
# What must remain of a passphrase once the words anybody would try first are taken out.
LEAST_OF_ITS_OWN = 8

# 19 MiB, two passes, one lane: about 50 ms. The parameters are stored in every hash.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Passphrases of 15 characters or more that people choose first, in our two languages, without
# spaces, accents or signs. A list of our own: nothing is ever asked of another machine.
FIRST_TRIED = """
correcthorsebatterystaple correcthorsebattery thequickbrownfox thequickbrownfoxjumps
thequickbrownfoxjumpsoverthelazydog letmeinletmeinletmein iloveyouiloveyou iloveyouforever
iloveyousomuch iloveyouverymuch passwordpassword passwordpasswordpassword mypasswordispassword
thisismypassword thisisapassword thisismypassphrase ihatepasswords idontknowmypassword
changethispassword changemechangeme welcomewelcome welcometothejungle administrator
administrateur administratrice superadministrator qwertyuiopasdfgh qwertyuiopasdfghjkl
qwertyuiopasdfghjklzxcvbnm qwertyqwertyqwerty asdfghjklasdfghjkl azertyuiopqsdfg
azertyuiopqsdfghjklm azertyazertyazerty qazwsxedcrfvtgb qazwsxedcrfvtgbyhn
abcdefghijklmno abcdefghijklmnop abcdefghijklmnopqrstuvwxyz 123456789012345
1234567890123456 12345678901234567890 123456789123456789 987654321098765 098765432109876
012345678901234 111222333444555 112233445566778899 31415926535897 3141592653589793
tobeornottobe tobeornottobethatisthequestion maytheforcebewithyou onceuponatime
onceuponatimeinamerica toinfinityandbeyond winteriscoming mellonmellonmellon
motdepassemotdepasse monmotdepasse cestmonmotdepasse ceciestmonmotdepasse
ceciestunmotdepasse jenesaispasquoimettre jaioubliemonmotdepasse changezmoichangezmoi
jetaimejetaimejetaime jetaimepourtoujours monamourpourtoujours iletaitunefois bonjourbonjourbonjour bonjourtoutlemonde etreounepasetre
tabarnaktabarnak vivelequebeclibre alloallobonjour soleilsoleilsoleil doudoudoudoudou
ouvretoisesame sesameouvretoi opensesameopensesame jemesouviens jemesouviensjemesouviens
gocanadagocanada truenorthstrongandfree ocanadaourhomeandnativeland
"""
COMMON = frozenset(FIRST_TRIED.split())
# Words of this place, which a guesser would build on.
CONTEXT = ("casework", "211", "988", "911", "navigator", "navigatrice", "navigateur", "password")


class WeakPassphrase(Refused):
    """The passphrase is too short, or among the first that anybody would try."""

    message = _l(
        "This passphrase is too easy to guess. Use four or more words that only you would put together."
    )
    field = "password"


def hash_password(password: str) -> str:
    """Hash a passphrase with argon2id; the parameters travel in the hash."""
    return hasher.hash(_normal(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether a passphrase is right; without a stored hash, take the same time to say no."""
    try:
        is_right = hasher.verify(stored or _decoy(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return is_right and bool(stored)


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(stored)


def warm_up() -> None:
    """Make the hash that unknown users are checked against, so that the first is not slower."""
    _decoy()


def check_strength(password: str, context: Iterable[str] = ()) -> None:
    """Raise WeakPassphrase unless long enough and not easily guessed; no rule asks for signs.

    context: words that belong to the person or the service, such as their name or address.
    """
    if len(password) < SHORTEST:
        raise WeakPassphrase(
            _l("This passphrase is too short: it needs %(num)d characters or more.", num=SHORTEST)
        )
    if len(password) > LONGEST:
        raise WeakPassphrase(
            _l("This passphrase is too long: %(num)d characters at most.", num=LONGEST)
        )
    letters = _letters(password)
    if letters.rstrip("0123456789") in COMMON or letters in COMMON or _repeats(password):
        raise WeakPassphrase
    for word in sorted(_words(context), key=len, reverse=True):
        letters = letters.replace(word, "")
    if len(letters) < LEAST_OF_ITS_OWN and len(_letters(password)) > len(letters):
        raise WeakPassphrase(
            _l(
                "This passphrase is mostly your name or the name of the service. Add words of your own."
            )
        )


@cache
def _decoy() -> str:
    return hash_password(secrets.token_urlsafe())


def _normal(password: str) -> str:
    """Two keyboards may write the same é in two ways; both must open the same door."""
    return unicodedata.normalize("NFKC", password)


def _letters(text: str) -> str:
    """Fold case, accents and signs away."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in folded if sign.isalnum())


def _repeats(text: str) -> bool:
    """Tell whether a text is one short piece over and over, such as abcabcabcabcabc."""
    return re.fullmatch(r"(.{1,5}?)\1+.{0,4}", text, re.DOTALL) is not None and len(set(text)) <= 5


def _words(context: Iterable[str]) -> set[str]:
    pieces = {_letters(word) for word in CONTEXT}
    for text in context:
        pieces |= {_letters(piece) for piece in re.split(r"[\s@.,_\-]+", text)}
    return {piece for piece in pieces if len(piece) >= 3}
