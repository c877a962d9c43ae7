"""What the New case page shows around its form: the sentences to say, and which needs open what."""

from collections.abc import Iterable

from wtforms import Field

from casework.directory.needs import NeedCode
from casework.people import queries as people
from casework.people.models import Purpose
from casework.security import Actor

ASKED = (Purpose.KEEP_CASE, Purpose.CALL_BACK, Purpose.SHARE_WITH_PARTNER)
SPOKEN = ("en", "fr")
HOUSEHOLD, CULTURE, ACCESS, SAFETY = "household", "culture", "access", "safety"
# The folded details that a need brings up; everything else stays out of the way.
OPENED_BY: dict[NeedCode, tuple[str, ...]] = {
    NeedCode.SHELTER: (HOUSEHOLD, CULTURE, ACCESS),
    NeedCode.VIOLENCE_SHELTER: (HOUSEHOLD, CULTURE, ACCESS, SAFETY),
    NeedCode.FOOD: (HOUSEHOLD, CULTURE),
    NeedCode.TRANSPORT: (HOUSEHOLD, ACCESS),
    NeedCode.HOUSING_SEARCH: (HOUSEHOLD, ACCESS),
    NeedCode.HOME_CARE: (ACCESS,),
    NeedCode.HEALTH_CARE: (ACCESS,),
    NeedCode.DISABILITY: (ACCESS,),
    NeedCode.NEWBORN_HEALTH: (HOUSEHOLD,),
    NeedCode.CHILD_CARE: (HOUSEHOLD,),
    NeedCode.CLOTHING: (HOUSEHOLD,),
    NeedCode.SENIOR_ACTIVITIES: (ACCESS,),
}


def opens() -> dict[str, str]:
    """Give the folds that each need opens, as the page writes them."""
    return {need.value: " ".join(folds) for need, folds in OPENED_BY.items()}


def sentences(viewer: Actor) -> dict[str, dict[str, str]]:
    """Give the sentence to say for each question, by language of the conversation (R2)."""
    current = people.wordings(viewer)
    return {
        purpose.value: {
            language: current[purpose, language].text
            for language in SPOKEN
            if (purpose, language) in current
        }
        for purpose in ASKED
    }


def errors_in(fields: Iterable[Field]) -> bool:
    """Tell whether any of these fields was refused, so that its fold stands open."""
    return any(field.errors for field in fields)
