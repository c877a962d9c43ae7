"""Which of our needs a term or a name stands for: a table to be read from above, the first match wins.

Every word must begin a word of the text, accents and case folded. What is licensed is not here: a
licensee loads the needs of its own taxonomy (taxonomy_term), and they win over this table.
"""

import re

from casework.directory.folding import fold
from casework.directory.needs import NeedCode

WORD = re.compile(r"[^\W_]+")

TABLE: tuple[tuple[str, NeedCode], ...] = (
    ("domestic violence shelter", NeedCode.VIOLENCE_SHELTER),
    ("domestic violence hous", NeedCode.VIOLENCE_SHELTER),
    ("violence shelter", NeedCode.VIOLENCE_SHELTER),
    ("abuse shelter", NeedCode.VIOLENCE_SHELTER),
    ("transition house", NeedCode.VIOLENCE_SHELTER),
    ("maison hebergement", NeedCode.VIOLENCE_SHELTER),
    ("hebergement violence", NeedCode.VIOLENCE_SHELTER),
    ("women shelter", NeedCode.VIOLENCE_SHELTER),
    ("emergency shelter", NeedCode.SHELTER),
    ("homeless shelter", NeedCode.SHELTER),
    ("hebergement urgence", NeedCode.SHELTER),
    ("refuge", NeedCode.SHELTER),
    ("warming", NeedCode.SHELTER),
    ("newborn", NeedCode.NEWBORN_HEALTH),
    ("postnatal", NeedCode.NEWBORN_HEALTH),
    ("perinat", NeedCode.NEWBORN_HEALTH),
    ("food", NeedCode.FOOD),
    ("meal", NeedCode.FOOD),
    ("soup kitchen", NeedCode.FOOD),
    ("grocer", NeedCode.FOOD),
    ("aliment", NeedCode.FOOD),
    ("repas", NeedCode.FOOD),
    ("popote", NeedCode.FOOD),
    ("tax preparation", NeedCode.TAX_CLINIC),
    ("tax clinic", NeedCode.TAX_CLINIC),
    ("impot", NeedCode.TAX_CLINIC),
    ("rent", NeedCode.RENT),
    ("loyer", NeedCode.RENT),
    ("utility", NeedCode.ENERGY),
    ("heating", NeedCode.ENERGY),
    ("electricity", NeedCode.ENERGY),
    ("chauffage", NeedCode.ENERGY),
    ("electricite", NeedCode.ENERGY),
    ("housing", NeedCode.HOUSING_SEARCH),
    ("logement", NeedCode.HOUSING_SEARCH),
    ("addiction", NeedCode.ADDICTION),
    ("substance", NeedCode.ADDICTION),
    ("detox", NeedCode.ADDICTION),
    ("dependance", NeedCode.ADDICTION),
    ("mental health", NeedCode.MENTAL_HEALTH),
    ("sante mentale", NeedCode.MENTAL_HEALTH),
    ("counsel", NeedCode.MENTAL_HEALTH),
    ("crisis intervention", NeedCode.MENTAL_HEALTH),
    ("suicide", NeedCode.MENTAL_HEALTH),
    ("psycholog", NeedCode.MENTAL_HEALTH),
    ("home care", NeedCode.HOME_CARE),
    ("soins domicile", NeedCode.HOME_CARE),
    ("child care", NeedCode.CHILD_CARE),
    ("day care", NeedCode.CHILD_CARE),
    ("garderie", NeedCode.CHILD_CARE),
    ("garde enfants", NeedCode.CHILD_CARE),
    ("disabilit", NeedCode.DISABILITY),
    ("handicap", NeedCode.DISABILITY),
    ("transport", NeedCode.TRANSPORT),
    ("accompagnement medical", NeedCode.TRANSPORT),
    ("immigra", NeedCode.SETTLEMENT),
    ("newcomer", NeedCode.SETTLEMENT),
    ("refugee", NeedCode.SETTLEMENT),
    ("nouveaux arrivants", NeedCode.SETTLEMENT),
    ("nouveaux arrivant", NeedCode.SETTLEMENT),
    ("legal", NeedCode.LEGAL),
    ("juridique", NeedCode.LEGAL),
    ("advocacy", NeedCode.LEGAL),
    ("employment", NeedCode.EMPLOYMENT),
    ("job", NeedCode.EMPLOYMENT),
    ("emploi", NeedCode.EMPLOYMENT),
    ("clothing", NeedCode.CLOTHING),
    ("furniture", NeedCode.CLOTHING),
    ("vetement", NeedCode.CLOTHING),
    ("meuble", NeedCode.CLOTHING),
    ("senior", NeedCode.SENIOR_ACTIVITIES),
    ("older adult", NeedCode.SENIOR_ACTIVITIES),
    ("aine", NeedCode.SENIOR_ACTIVITIES),
    ("income support", NeedCode.BENEFITS),
    ("social assistance", NeedCode.BENEFITS),
    ("benefit", NeedCode.BENEFITS),
    ("pension", NeedCode.BENEFITS),
    ("aide sociale", NeedCode.BENEFITS),
    ("prestation", NeedCode.BENEFITS),
    ("health", NeedCode.HEALTH_CARE),
    ("medical", NeedCode.HEALTH_CARE),
    ("clinic", NeedCode.HEALTH_CARE),
    ("sante", NeedCode.HEALTH_CARE),
)


def need_of(text: str) -> NeedCode | None:
    """Give the need that a term’s or a service’s name stands for, or None for what is not known."""
    words = WORD.findall(fold(text))
    for wanted, need in TABLE:
        if all(any(word.startswith(part) for word in words) for part in wanted.split()):
            return need
    return None
