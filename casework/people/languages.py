"""Languages people speak, by BCP 47 tag, with a name for each in English and in French."""

import unicodedata
from functools import lru_cache

from babel import Locale

# What the library lacks and people in Canada speak or sign. Indigenous languages need ISO 639-3.
MORE: dict[str, tuple[str, str]] = {
    "fcs": ("Quebec Sign Language (LSQ)", "langue des signes québécoise (LSQ)"),
    "ase": ("American Sign Language (ASL)", "langue des signes américaine (ASL)"),
    "iks": ("Inuit Sign Language", "langue des signes inuite"),
    "psd": ("Plains Indian Sign Language", "langue des signes des Indiens des Plaines"),
    "nsr": ("Maritime Sign Language", "langue des signes des Maritimes"),
    "prs": ("Dari", "dari"),
    "cwd": ("Woods Cree", "cri des bois"),
    "ike": ("Eastern Canadian Inuktitut", "inuktitut de l’Est canadien"),
    "nsk": ("Naskapi", "naskapi"),
    "ciw": ("Chippewa", "ojibwé de l’Ouest"),
    "otw": ("Ottawa (Odawa)", "odawa"),
    "alq": ("Algonquin (Anishinàbemowin)", "algonquin (anishinàbemowin)"),
    "crg": ("Michif", "mitchif"),
    "git": ("Gitxsan", "gitxsan"),
    "ncg": ("Nisga’a", "nisga’a"),
    "tsi": ("Tsimshian", "tsimshian"),
    "haa": ("Hän", "hän"),
    "srs": ("Tsuut’ina", "tsuut’ina"),
    "sto": ("Nakoda (Stoney)", "nakoda (stoney)"),
    "crx": ("Carrier (Dakelh)", "porteur (dakelh)"),
    "bea": ("Dane-zaa", "dane-zaa"),
    "sec": ("Sechelt", "sechelt"),
    "shs": ("Shuswap (Secwepemctsín)", "shuswap (secwepemctsín)"),
    "squ": ("Squamish", "squamish"),
    "nuk": ("Nuu-chah-nulth", "nuu-chah-nulth"),
    "one": ("Oneida", "oneida"),
    "ono": ("Onondaga", "onondaga"),
    "see": ("Seneca", "sénèca"),
    "cay": ("Cayuga", "cayuga"),
    "xsl": ("South Slavey", "esclave du Sud"),
    "scs": ("North Slavey", "esclave du Nord"),
    "kmr": ("Northern Kurdish (Kurmanji)", "kurde du Nord (kurmandji)"),
    "aii": ("Assyrian Neo-Aramaic", "araméen assyrien moderne"),
    "cld": ("Chaldean Neo-Aramaic", "chaldéen moderne"),
    "ksw": ("S’gaw Karen", "karen s’gaw"),
    "ctg": ("Chittagonian", "chittagonien"),
    "haz": ("Hazaragi", "hazaragi"),
    "pnb": ("Western Punjabi", "pendjabi occidental"),
    "skr": ("Saraiki", "saraiki"),
    "jam": ("Jamaican Creole", "créole jamaïcain"),
    "gcf": ("Antillean Creole", "créole antillais"),
}
FIRST = ("en", "fr")
NOT_SPOKEN = frozenset({"mul", "und", "zxx", "tlh", "jbo", "vo", "ia", "ie"})


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, str]]:
    """Build tag -> (English, French) once; a language has its place only with both names."""
    english, french = Locale.parse("en_CA").languages, Locale.parse("fr_CA").languages
    table = {
        str(key): (str(english[key]), str(french[key]))
        for key in english
        # Varieties of a region or a script are ways of writing: callers speak.
        if key in french and "_" not in str(key) and key not in NOT_SPOKEN
    }
    return table | MORE


def is_known(tag: str) -> bool:
    """Tell whether this BCP 47 tag names a language of the list."""
    return tag in _table()


def name(tag: str, locale: str = "en_CA") -> str:
    """Give a language's name in the reader's language; the tag itself when it is not in the list."""
    names = _table().get(tag)
    if names is None:
        return tag
    spoken = names[1] if locale.startswith("fr") else names[0]
    return spoken[:1].upper() + spoken[1:]


@lru_cache(maxsize=8)
def choices(locale: str) -> list[tuple[str, str]]:
    """List (tag, name in the reader's language): English and French first, then by the alphabet."""
    rest = [(tag, name(tag, locale)) for tag in _table() if tag not in FIRST]
    rest.sort(key=lambda choice: _plain(choice[1]))
    return [(tag, name(tag, locale)) for tag in FIRST] + rest


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in letters if not unicodedata.combining(sign))
