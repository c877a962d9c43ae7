"""The statutory holidays of a province or territory, as whoever works there keeps them."""

from datetime import date
from functools import lru_cache

import holidays

# The provinces and territories whose statutory holidays a service or an agency may keep.
PROVINCES: tuple[str, ...] = holidays.country_holidays("CA").subdivisions


@lru_cache(maxsize=256)
def holiday_days(province: str, year: int, language: str = "en_CA") -> dict[date, str]:
    """Give the statutory holidays of a province in a year, with the days on which they are kept."""
    found = holidays.country_holidays("CA", subdiv=province, years=year, language=language)
    return dict(found.items())
