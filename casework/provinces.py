"""The provinces and territories of Canada by their letters and by their names in both languages."""

NAMES: dict[str, str] = {
    "newfoundland and labrador": "NL",
    "terre-neuve-et-labrador": "NL",
    "nova scotia": "NS",
    "nouvelle-écosse": "NS",
    "new brunswick": "NB",
    "nouveau-brunswick": "NB",
    "prince edward island": "PE",
    "île-du-prince-édouard": "PE",
    "quebec": "QC",
    "québec": "QC",
    "ontario": "ON",
    "manitoba": "MB",
    "saskatchewan": "SK",
    "alberta": "AB",
    "british columbia": "BC",
    "colombie-britannique": "BC",
    "yukon": "YT",
    "northwest territories": "NT",
    "territoires du nord-ouest": "NT",
    "nunavut": "NU",
}
CODES = frozenset(NAMES.values())


def province(region: str) -> str:
    """Give the two letters of a province, or nothing for what is none."""
    text = region.strip()
    return text.upper() if text.upper() in CODES else NAMES.get(text.casefold(), "")
