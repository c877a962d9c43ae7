"""The invented material of the seed: names to use, regions, agencies in both languages, notes."""

from dataclasses import dataclass

from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode
from casework.security import Role

# Names to use, as people give them: a first name and a letter. Nobody in particular.
NAMES_EN = (
    "Maya T.", "Jordan B.", "Grace O.", "Ravi S.", "Helen M.", "Tyler W.", "Nadia K.", "Joan P.",
    "Marcus L.", "Aisha H.", "Ruth C.", "Owen F.", "Priya N.", "Wendy A.", "Sam G.", "Lena V.",
)  # fmt: skip
NAMES_FR = (
    "D. Lavoie", "Francine G.", "Réjean T.", "Mireille B.", "Ousmane D.", "Lucie A.", "Yvon P.",
    "Nathalie R.", "Gilles C.", "Samira Z.", "Thérèse L.", "Étienne M.", "Jocelyne F.", "Karim H.",
)  # fmt: skip
REGIONS = {
    "en_CA": ("Ottawa Valley", "Greater Toronto", "Northern Ontario", "Niagara"),
    "fr_CA": ("Montréal", "Montérégie", "Outaouais", "Mauricie", "Bas-Saint-Laurent"),
}
ZONES = {
    "en_CA": (
        "America/Toronto", "America/Toronto", "America/Winnipeg", "America/St_Johns",
        "America/Regina", "America/Vancouver",
    ),
    "fr_CA": ("America/Toronto",),
}  # fmt: skip
# Area codes of people; agencies answer in another one. All lines lie in 555-0100 to 555-0199,
# which are kept free for stories such as these.
AREA_CODES = (
    "367", "613", "416", "705", "905", "450", "819", "418", "438", "647", "807", "289", "519",
    "226", "873", "581", "579", "365", "249", "548",
)  # fmt: skip
AGENCY_AREA_CODE = "343"
OTHER_LANGUAGES = ("ar", "es", "pa", "zh", "ht", "so", "fa", "iu", "uk")
# What is said on the phone to be recognised: one word for each story, one for each language.
STORY_WORDS = {"en_CA": "blue kettle", "fr_CA": "petit canot"}
CODE_WORDS = {"en_CA": "winter oak", "fr_CA": "tournesol"}
# The two people of the stories.
MOTHER, MOTHER_ALIAS = "Mrs. H.", "Lina"
MOTHER_NOTE = (
    "Left this morning with the children. Does not know the name of any shelter, and need not. "
    "Asks that nobody calls after five."
)
OLDER_MAN = "M. Bélanger"
OLDER_MAN_NOTE = (
    "Sa prestation a été coupée ce mois-ci; ne sait pas pourquoi. Plus de pain depuis deux jours. "
    "Répond sur sa ligne fixe, le matin."
)
COVER_NAMES = {"en_CA": "the library", "fr_CA": "la bibliothèque"}
VOICEMAIL = {
    "en_CA": "It is about the appointment. We will call again.",
    "fr_CA": "C’est au sujet du rendez-vous. Nous rappellerons.",
}
PETS = {"en_CA": "one small dog", "fr_CA": "un chat"}
ACCESS = {"en_CA": "No stairs", "fr_CA": "Sans escalier"}
ANSWERS = {
    "en_CA": {"appointment": "Ask for the front desk", "bring": "A piece of identification"},
    "fr_CA": {"appointment": "S’adresser à l’accueil", "bring": "Une pièce d’identité"},
}
NOTES = {
    "en_CA": (
        "Prefers short calls. Has a caseworker at the clinic who may call as well.",
        "Stayed with a friend until the weekend; looking for something steadier.",
        "Asked us to explain the waiting list again next time.",
        "Can go on foot if it is under twenty minutes.",
    ),
    "fr_CA": (
        "Préfère de courts appels. Une intervenante de la clinique peut aussi nous joindre.",
        "Hébergement chez une amie jusqu’à la fin de semaine.",
        "Demande qu’on réexplique la liste d’attente la prochaine fois.",
        "Peut s’y rendre à pied en moins de vingt minutes.",
    ),
}


@dataclass(frozen=True)
class AgencyPlan:
    """One invented agency and what it offers."""

    name: str
    kind: OrganizationKind
    needs: tuple[NeedCode, ...]
    locale: str
    region: str
    features: tuple[str, ...] = ()
    is_confidential: bool = False
    is_open_all_hours: bool = False


_V, _S = OrganizationKind.VIOLENCE_SHELTER, OrganizationKind.SHELTER
_F, _C = OrganizationKind.FOOD_BANK, OrganizationKind.COMMUNITY
_P, _T, _H = OrganizationKind.PUBLIC_SERVICE, OrganizationKind.TRANSPORT, OrganizationKind.HEALTH

AGENCIES: tuple[AgencyPlan, ...] = (
    AgencyPlan("Maison Rivage", _V, (NeedCode.VIOLENCE_SHELTER,), "fr_CA", "Montérégie",
               ("women_only", "families", "halal"), True, True),
    AgencyPlan("Cedar Lane House", _V, (NeedCode.VIOLENCE_SHELTER,), "en_CA", "Greater Toronto",
               ("women_only", "families"), True, True),
    AgencyPlan("Maison des Érables", _V, (NeedCode.VIOLENCE_SHELTER,), "fr_CA", "Outaouais",
               ("women_only", "families", "halal", "wheelchair"), True, True),
    AgencyPlan("Foyer du Pont", _S, (NeedCode.SHELTER,), "fr_CA", "Montréal", ("pets",), False, True),
    AgencyPlan("Bridge House", _S, (NeedCode.SHELTER,), "en_CA", "Ottawa Valley",
               ("wheelchair",), False, True),
    AgencyPlan("Refuge Lumière", _S, (NeedCode.SHELTER,), "fr_CA", "Mauricie", ("families",)),
    AgencyPlan("Moisson du Quartier", _F, (NeedCode.FOOD,), "fr_CA", "Montréal", ("delivery", "halal")),
    AgencyPlan("Harvest Table", _F, (NeedCode.FOOD,), "en_CA", "Greater Toronto", ("delivery",)),
    AgencyPlan("Comptoir Saint-Paul", _F, (NeedCode.FOOD,), "fr_CA", "Bas-Saint-Laurent", ()),
    AgencyPlan("Clinique Droits et Revenus", _C, (NeedCode.BENEFITS, NeedCode.LEGAL), "fr_CA",
               "Montréal", ()),
    AgencyPlan("Income Help Desk", _C, (NeedCode.BENEFITS, NeedCode.TAX_CLINIC), "en_CA",
               "Ottawa Valley", ()),
    AgencyPlan("Volunteer Wheels", _T, (NeedCode.TRANSPORT,), "en_CA", "Greater Toronto",
               ("car_seats",)),
    AgencyPlan("Transport Entraide", _T, (NeedCode.TRANSPORT,), "fr_CA", "Montérégie", ("car_seats",)),
    AgencyPlan("Rent Bank North", _P, (NeedCode.RENT, NeedCode.ENERGY), "en_CA", "Northern Ontario"),
    AgencyPlan("Office du logement Mauricie", _P, (NeedCode.RENT, NeedCode.HOUSING_SEARCH), "fr_CA",
               "Mauricie"),
    AgencyPlan("Ligne d’écoute Rivière", _H, (NeedCode.MENTAL_HEALTH,), "fr_CA", "Montréal",
               (), False, True),
    AgencyPlan("Homestead Care", _H, (NeedCode.HOME_CARE, NeedCode.SENIOR_ACTIVITIES), "en_CA",
               "Niagara", ("wheelchair",)),
    AgencyPlan("Relais Nouveau-né", _H, (NeedCode.NEWBORN_HEALTH,), "fr_CA", "Montréal"),
)  # fmt: skip

_ANY_HOUR = ("Day and night", "Jour et nuit")
_OFFICE = ("Monday to Friday, 9 a.m. to 4:30 p.m.", "Du lundi au vendredi, de 9 h à 16 h 30")
# (English, French): when it is open, and who may come.
HOURS: dict[OrganizationKind, tuple[str, str]] = {
    _V: _ANY_HOUR,
    _S: ("Arrivals until 10 p.m.", "Arrivées jusqu’à 22 h"),
    _F: ("Tuesday to Saturday, 10 a.m. to 3 p.m.", "Du mardi au samedi, de 10 h à 15 h"),
    _C: _OFFICE,
    _P: _OFFICE,
    _T: ("Every day, 8 a.m. to 8 p.m.", "Tous les jours, de 8 h à 20 h"),
    _H: _OFFICE,
}
ELIGIBILITY: dict[OrganizationKind, tuple[str, str]] = {
    _V: ("Women, with or without children", "Femmes, avec ou sans enfants"),
    _S: ("Adults without a place for the night", "Adultes sans endroit où passer la nuit"),
    _F: ("People of the area, once a month", "Personnes du secteur, une fois par mois"),
    _C: ("Low income", "Faible revenu"),
    _P: ("Residents with a lease in their name", "Personnes dont le bail est à leur nom"),
    _T: ("When no other ride can be found", "Quand aucun autre transport n’est possible"),
    _H: ("With or without a family doctor", "Avec ou sans médecin de famille"),
}


@dataclass(frozen=True)
class StaffPlan:
    """One invented member of staff."""

    email: str
    name: str
    role: Role
    locale: str


@dataclass(frozen=True)
class ServicePlan:
    """One invented service; the demo has two, so that the wall between them is real."""

    code: str
    name_en: str
    name_fr: str
    time_zone: str
    staff: tuple[StaffPlan, ...]


SERVICES = (
    ServicePlan(
        "river",
        "Two Rivers 211",
        "211 Deux-Rivières",
        "America/Toronto",
        (
            StaffPlan("amina@river.example", "Amina R.", Role.NAVIGATOR, "en_CA"),
            StaffPlan("louis@river.example", "Louis P.", Role.NAVIGATOR, "fr_CA"),
            StaffPlan("sophie@river.example", "Sophie T.", Role.SUPERVISOR, "fr_CA"),
            StaffPlan("marc@river.example", "Marc D.", Role.ADMINISTRATOR, "en_CA"),
        ),
    ),
    ServicePlan(
        "prairie",
        "Prairie Sky 211",
        "211 Ciel-des-Prairies",
        "America/Winnipeg",
        (
            StaffPlan("owen@prairie.example", "Owen S.", Role.NAVIGATOR, "en_CA"),
            StaffPlan("claire@prairie.example", "Claire B.", Role.SUPERVISOR, "fr_CA"),
        ),
    ),
)
# Who signs in for an agency: its service, its name, and the coordinator.
AGENCY_STAFF = (
    (
        "river",
        "Foyer du Pont",
        StaffPlan("louise@river.example", "Louise B.", Role.PARTNER_LEAD, "fr_CA"),
    ),
)
PASSPHRASE = "maple canoe lantern tide"  # noqa: S105 - printed for everybody who opens the demo
