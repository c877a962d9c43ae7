"""What suits whom: the short list of features a place may say about itself."""

from flask_babel import lazy_gettext as _l

from casework.database import Code
from casework.directory.needs import URGENT_NEEDS, NeedCode


class Feature(Code):
    """One thing a service offers; absent means unknown, never “no”."""

    WOMEN_ONLY = "women_only", _l("Women only")
    MEN = "men", _l("Men welcome")
    FAMILIES = "families", _l("Families with children")
    HALAL = "halal", _l("Halal meals")
    KOSHER = "kosher", _l("Kosher meals")
    VEGETARIAN = "vegetarian", _l("Vegetarian meals")
    BABY_FORMULA = "baby_formula", _l("Formula and diapers")
    WHEELCHAIR = "wheelchair", _l("Wheelchair access")
    PETS = "pets", _l("Pets welcome")
    CAR_SEATS = "car_seats", _l("Car seats")
    DELIVERY = "delivery", _l("Delivery")
    PICK_UP_BY_OTHER = "pick_up_by_other", _l("Somebody else may pick up")
    NEUTRAL_MEETING_POINT = "neutral_meeting_point", _l("Neutral meeting point")
    INTERPRETER = "interpreter", _l("Interpreter")
    NO_REFERRAL_NEEDED = "no_referral_needed", _l("No appointment needed")
    FREE = "free", _l("Free of charge")


# What may be asked of a place besides, by need: what else stands among features is no wish.
ASKED_OF = {
    NeedCode.FOOD: (
        Feature.HALAL,
        Feature.KOSHER,
        Feature.VEGETARIAN,
        Feature.BABY_FORMULA,
        Feature.DELIVERY,
        Feature.PICK_UP_BY_OTHER,
        Feature.WHEELCHAIR,
    ),
    NeedCode.TRANSPORT: (
        Feature.CAR_SEATS,
        Feature.WHEELCHAIR,
        Feature.PETS,
        Feature.NEUTRAL_MEETING_POINT,
    ),
}
ASKED_OF_A_SHELTER = (
    Feature.WHEELCHAIR,
    Feature.PETS,
    Feature.HALAL,
    Feature.KOSHER,
    Feature.VEGETARIAN,
    Feature.BABY_FORMULA,
)
ASKED_OF_OTHERS = (Feature.WHEELCHAIR, Feature.INTERPRETER, Feature.NO_REFERRAL_NEEDED)


def asked_of(need: NeedCode) -> tuple[Feature, ...]:
    """List what may be ticked for a need."""
    return ASKED_OF.get(need, ASKED_OF_A_SHELTER if need in URGENT_NEEDS else ASKED_OF_OTHERS)


def labels_of(codes: list[str]) -> list[str]:
    """Give the words of stored features in the reader’s language; unknown codes are left out."""
    known = {feature.value: feature for feature in Feature}
    return [str(known[code].label) for code in codes if code in known]
