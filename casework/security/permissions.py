"""Who may do what, as one table: a role, and the permissions it carries; what is absent is refused."""

from flask_babel import lazy_gettext as _l

from casework.database import Code


class Role(Code):
    """What a member of a service is there for."""

    NAVIGATOR = "navigator", _l("Navigator")
    SUPERVISOR = "supervisor", _l("Supervisor")
    ADMINISTRATOR = "administrator", _l("Administrator")
    PARTNER = "partner", _l("Agency")
    PARTNER_LEAD = "partner_lead", _l("Agency coordinator")


# Whoever works for an agency: their world is what their organisation is asked, and nothing else.
AGENCY_ROLES = frozenset({Role.PARTNER, Role.PARTNER_LEAD})

NAVIGATION = frozenset(
    {
        "desk:read",  # My day and What happened next
        "case:open",
        "case:look_up",
        "case:read",
        "case:change",  # notes, needs, outcomes, region
        "case:assign",
        "case:close",
        "case:erase",
        "person:reveal",
        "person:change",  # details and the safe-contact plan
        "consent:change",
        "referral:send",
        "referral:record",  # an answer given by phone
        "followup:plan",
        "followup:call",
        "emergency:record",
        "directory:read",
    }
)

INBOX = frozenset({"inbox:read", "inbox:answer"})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.NAVIGATOR: NAVIGATION,
    # Supervisors audit outcomes, not identity; a case opens to them only with a reason (R29).
    Role.SUPERVISOR: NAVIGATION
    | {
        "outcome:report",
        "audit:read",
        "hold:change",
        "service:hours",
        "policy:change",
        "shift:change",
        "reminder:watch",
        "call:free",
        "team:read",
    },
    # Administrators never read cases.
    Role.ADMINISTRATOR: frozenset(
        {
            "staff:manage",
            "directory:read",
            "directory:import",
            "retention:change",
            "keys:manage",
            "service:hours",
            "reminder:watch",
            "service:clocks",  # after how long who hears when an agency is silent
        }
    ),
    Role.PARTNER: INBOX,
    # Coordinators let their own colleagues in, so that no administrator need know who comes and goes.
    Role.PARTNER_LEAD: INBOX | {"inbox:staff"},
}
EVERY_PERMISSION = frozenset().union(*PERMISSIONS.values())
