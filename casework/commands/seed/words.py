"""The invented material of the seed: names to use, regions, agencies in both languages, notes."""

from dataclasses import dataclass

from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode

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
ZONES = (
    "America/Toronto", "America/Toronto", "America/Toronto", "America/Winnipeg",
    "America/St_Johns", "America/Regina", "America/Vancouver",
)  # fmt: skip
OTHER_LANGUAGES = ("ar", "es", "pa", "zh", "ht", "so", "fa", "iu", "uk")
CODE_WORDS = ("blue kettle", "marigold", "lanterne", "petit canot", "winter oak", "tournesol")
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


@dataclass(frozen=True)
class StaffPlan:
    """One invented member of staff."""

    email: str
    name: str
    role: str
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
            StaffPlan("amina@river.example", "Amina R.", "navigator", "en_CA"),
            StaffPlan("louis@river.example", "Louis P.", "navigator", "fr_CA"),
            StaffPlan("sophie@river.example", "Sophie T.", "supervisor", "fr_CA"),
            StaffPlan("marc@river.example", "Marc D.", "administrator", "en_CA"),
        ),
    ),
    ServicePlan(
        "prairie",
        "Prairie Sky 211",
        "211 Ciel-des-Prairies",
        "America/Winnipeg",
        (
            StaffPlan("owen@prairie.example", "Owen S.", "navigator", "en_CA"),
            StaffPlan("claire@prairie.example", "Claire B.", "supervisor", "fr_CA"),
        ),
    ),
)
PASSPHRASE = "maple canoe lantern tide"
