"""The rules of domain.md section 3, written down a second time, by hand, for tests to compare with."""

AGENCY = {("partner", "partner_confirmed"), ("navigator", "partner_confirmed")}
ANY = AGENCY | {("navigator", "person_reported"), ("navigator", "navigator_observed")}
DESK = {("navigator", "navigator_observed")}
PERSON = {("navigator", "person_reported"), ("system", "system")}
SYSTEM = {("system", "system")}
OPEN = ("draft", "requested", "info_needed", "waitlisted", "accepted", "in_progress")
HELD = ("accepted", "in_progress")

LEGAL: dict[tuple[str, str], set[tuple[str, str]]] = {
    ("draft", "requested"): DESK | {("system", "system")},
    ("requested", "accepted"): ANY,
    ("requested", "declined"): AGENCY,
    ("requested", "info_needed"): AGENCY,
    ("requested", "waitlisted"): AGENCY,
    ("requested", "expired"): SYSTEM,
    ("info_needed", "requested"): DESK,
    ("info_needed", "expired"): SYSTEM,
    ("waitlisted", "accepted"): ANY,
    ("waitlisted", "declined"): AGENCY,
    ("waitlisted", "expired"): SYSTEM,
    ("accepted", "in_progress"): ANY,
    ("accepted", "confirmed"): ANY,
    ("accepted", "not_fulfilled"): ANY,
    ("accepted", "requested"): AGENCY,
    ("in_progress", "confirmed"): ANY,
    ("in_progress", "not_fulfilled"): ANY,
    ("confirmed", "not_fulfilled"): ANY,
}
for _open in OPEN:
    LEGAL[_open, "withdrawn"] = PERSON
    LEGAL[_open, "recalled"] = DESK
REASONED = {
    ("requested", "declined"),
    ("waitlisted", "declined"),
    ("accepted", "not_fulfilled"),
    ("accepted", "requested"),
    ("in_progress", "not_fulfilled"),
    ("confirmed", "not_fulfilled"),
}
# What may be said without moving, and where.
REMARKS: dict[str, tuple[tuple[str, ...], set[tuple[str, str]]]] = {
    "withheld": (OPEN, AGENCY),
    "call_us": (OPEN, AGENCY),
    "hold_extended": (HELD, AGENCY),
    "late_yes": (("expired",), AGENCY),
    "still_listed": (("waitlisted",), AGENCY | {("navigator", "person_reported")}),
    "warm_transfer": (tuple(state for state in OPEN if state != "draft"), DESK),
    "entered_in_error": (
        ("confirmed", "declined", "not_fulfilled", "withdrawn", "recalled", "expired"),
        DESK,
    ),
}
