"""Casework's own short list of needs, in plain words; a licensee's taxonomy may map onto it."""

from flask_babel import lazy_gettext as _l

from casework.database import Code


class NeedGroup(Code):
    """The few groups that counts and reports use."""

    SHELTER = "shelter", _l("Shelter")
    FOOD = "food", _l("Food")
    INCOME = "income", _l("Income and benefits")
    HOUSING = "housing", _l("Housing and energy")
    HEALTH = "health", _l("Health")
    MENTAL_HEALTH = "mental_health", _l("Mental health")
    TRANSPORT = "transport", _l("Transport")
    FAMILY = "family", _l("Family and children")
    SENIORS = "seniors", _l("Seniors")
    COMMUNITY = "community", _l("Community and rights")


class NeedCode(Code):
    """What a person needs; one or more stand in a case."""

    SHELTER = "shelter", _l("Emergency shelter")
    VIOLENCE_SHELTER = "violence_shelter", _l("Shelter from violence")
    FOOD = "food", _l("Food")
    BENEFITS = "benefits", _l("Benefits and income support")
    TRANSPORT = "transport", _l("Transport")
    RENT = "rent", _l("Rent")
    ENERGY = "energy", _l("Energy bills")
    HOUSING_SEARCH = "housing_search", _l("Finding a home")
    MENTAL_HEALTH = "mental_health", _l("Mental health")
    ADDICTION = "addiction", _l("Substance use support")
    HEALTH_CARE = "health_care", _l("Health care")
    HOME_CARE = "home_care", _l("Home care")
    DISABILITY = "disability", _l("Disability support")
    NEWBORN_HEALTH = "newborn_health", _l("Newborn health")
    CHILD_CARE = "child_care", _l("Child care")
    SENIOR_ACTIVITIES = "senior_activities", _l("Activities for seniors")
    CLOTHING = "clothing", _l("Clothing and furniture")
    EMPLOYMENT = "employment", _l("Employment")
    SETTLEMENT = "settlement", _l("Newcomer services")
    LEGAL = "legal", _l("Legal help")
    TAX_CLINIC = "tax_clinic", _l("Tax clinic")
    OTHER = "other", _l("Something else")


GROUP_OF: dict[NeedCode, NeedGroup] = {
    NeedCode.SHELTER: NeedGroup.SHELTER,
    NeedCode.VIOLENCE_SHELTER: NeedGroup.SHELTER,
    NeedCode.FOOD: NeedGroup.FOOD,
    NeedCode.BENEFITS: NeedGroup.INCOME,
    NeedCode.EMPLOYMENT: NeedGroup.INCOME,
    NeedCode.TAX_CLINIC: NeedGroup.INCOME,
    NeedCode.RENT: NeedGroup.HOUSING,
    NeedCode.ENERGY: NeedGroup.HOUSING,
    NeedCode.HOUSING_SEARCH: NeedGroup.HOUSING,
    NeedCode.CLOTHING: NeedGroup.COMMUNITY,
    NeedCode.HEALTH_CARE: NeedGroup.HEALTH,
    NeedCode.HOME_CARE: NeedGroup.HEALTH,
    NeedCode.DISABILITY: NeedGroup.HEALTH,
    NeedCode.ADDICTION: NeedGroup.MENTAL_HEALTH,
    NeedCode.MENTAL_HEALTH: NeedGroup.MENTAL_HEALTH,
    NeedCode.TRANSPORT: NeedGroup.TRANSPORT,
    NeedCode.NEWBORN_HEALTH: NeedGroup.FAMILY,
    NeedCode.CHILD_CARE: NeedGroup.FAMILY,
    NeedCode.SENIOR_ACTIVITIES: NeedGroup.SENIORS,
    NeedCode.SETTLEMENT: NeedGroup.COMMUNITY,
    NeedCode.LEGAL: NeedGroup.COMMUNITY,
    NeedCode.OTHER: NeedGroup.COMMUNITY,
}

# A need that makes its whole case sensitive from the first keystroke (R19).
SENSITIVE_NEEDS = frozenset({NeedCode.VIOLENCE_SHELTER})
# Needs whose request cannot wait for the morning (domain.md section 3).
URGENT_NEEDS = frozenset({NeedCode.SHELTER, NeedCode.VIOLENCE_SHELTER})
