"""Why each column that is not sealed stands in clear, how long its table is kept, and who reads it.

docs/data-map.md is generated from this and from the models (`make data-map`). A column without a
reason here fails the tests: whoever adds one in clear says why.
"""

from typing import NamedTuple


class Kept(NamedTuple):
    """What a table is for: how long its rows stay, who reads them, and whose key seals the rest."""

    how_long: str
    who: str
    key: str = ""


CASE = "as long as the case; deleted when it is erased (R17)"
PERSON = "as long as the person’s last case; deleted with it (R17)"
STAFF = "as long as the account or service; staff are disabled, not deleted, so that the audit keeps its actors"
AGENCIES = "as long as the agency is listed"
ON_CASE = "staff who were given access to the person, each opening audited"
LISTS = "staff of the service, within their scope; reports show counts only (R25)"
TEAM = "staff of the service"
OWN = "the account itself"
MACHINE = "the application only"
CHAIN = "for ever: ids, codes and digests only, so that erasing a person never breaks the chain"

TABLES: dict[str, Kept] = {
    "person": Kept(PERSON, ON_CASE, "the person’s"),
    "contact_plan": Kept(PERSON, ON_CASE, "the person’s"),
    "consent": Kept(PERSON, ON_CASE, "the person’s"),
    "person_access": Kept(PERSON, "staff of the service; supervisors review it"),
    "case": Kept(CASE, LISTS),
    "case_need": Kept(CASE, LISTS),
    "case_note": Kept(CASE, ON_CASE, "the case’s"),
    "case_event": Kept(CASE, ON_CASE),
    "emergency_hand_off": Kept("5 years; loses its case when that is erased", "supervisors"),
    "referral": Kept(
        CASE, f"{ON_CASE}; the agency asked, through its link, what was agreed (R28)", "the case’s"
    ),
    "referral_event": Kept(CASE, ON_CASE, "the case’s"),
    "referral_link": Kept(CASE, MACHINE),
    "follow_up": Kept(CASE, LISTS),
    "attempt": Kept(CASE, ON_CASE),
    "reminder": Kept(CASE, MACHINE),
    "list_call": Kept(CASE, LISTS),
    "notice": Kept("until the account has seen it and its subject is gone", OWN),
    "letter": Kept("as long as what it is about", MACHINE, "its own, until it has left"),
    "anonymous_contact": Kept("for ever: counts about nobody (R1)", LISTS),
    "consent_wording": Kept("as long as a consent names it", TEAM),
    "account": Kept(STAFF, "the account itself, colleagues its name"),
    "membership": Kept(STAFF, "administrators of the service"),
    "service": Kept(STAFF, TEAM),
    "calendar_link": Kept("until it is switched off or a newer one takes its place", MACHINE),
    "mail_choice": Kept(STAFF, OWN),
    "web_session": Kept("until it has ended", MACHINE),
    "passphrase_link": Kept("10 minutes, then used up or expired", MACHINE),
    "organization": Kept(AGENCIES, TEAM),
    "directory_service": Kept(AGENCIES, TEAM),
    "location": Kept(f"{AGENCIES}; a confidential one never keeps an address (R20)", TEAM),
    "service_at_location": Kept(AGENCIES, TEAM),
    "schedule": Kept(AGENCIES, TEAM),
    "phone": Kept(AGENCIES, TEAM),
    "taxonomy_term": Kept("as long as a directory uses it", TEAM),
    "directory_import": Kept("for ever: numbers about agencies", "administrators of the service"),
    "import_remark": Kept("as long as its import", "administrators of the service"),
    "hours_word": Kept(AGENCIES, f"{TEAM}, and the agency itself"),
    "capacity": Kept(AGENCIES, f"{TEAM}, and the agency itself"),
    "capacity_event": Kept(AGENCIES, TEAM),
    "legal_hold": Kept(CASE, "supervisors of the service", "the case’s"),
    "erasure": Kept(
        "for ever: ids that lead nowhere, so that a restored copy is erased again (R17)",
        "administrators, as numbers",
    ),
    "retention_rule": Kept(STAFF, "administrators of the service"),
    "pulse": Kept("for ever: counts and times of the machine, about nobody", MACHINE),
    "key_run": Kept("for ever: numbers about keys and nobody", "administrators of the service"),
    "follow_up_policy": Kept(
        "for ever: every version of a rule, about nobody", "supervisors of the service"
    ),
    "referral_ladder": Kept(
        "for ever: every version of a clock, about nobody", "administrators of the service"
    ),
    "shift": Kept(STAFF, "the account itself and supervisors; colleagues whether it is at work"),
    "data_key": Kept("until its owner is erased (R17)", MACHINE),
    "index_term": Kept("until its owner is erased (R17)", MACHINE),
    "row_digest": Kept("until its owner is erased (R17)", "the application, and audit verify"),
    "retired_key": Kept("for ever: a retired number never returns", MACHINE),
    "audit_entry": Kept(CHAIN, "supervisors of the service"),
    "audit_subject": Kept(CHAIN, "supervisors of the service"),
    "audit_head": Kept(CHAIN, MACHINE),
}

RANDOM = "a random id: it tells nothing, and joins rows"
WALL = "the wall between services (row-level security)"
STAFF_ID = "the id of a member of staff, not of the person concerned"
ORDER = "work and reports need the time"
CODED = "a code of a short list: work and reports need it (R16)"
LOCK = "tells two people who save at once apart"
CLOCKWORK = "the sweep must find what is due without opening anything"
HASHED = "a hash of a random token: it opens nothing"
PUBLIC = "about an agency, as it is published"
STAFF_OWN = "about a member of staff, chosen by them or their administrator"
SERVICE_OWN = "about the service, shown to everybody"
WHERE_TIME = "the zone of the clock on the wall, needed to find the next agreed hour (R16)"
CHAINED = "ids, codes, digests and times; content is refused on writing (R21)"
SIZE = "counts of people; a place must be large enough (R16)"
FLAG = "a yes or no that decides what is shown and kept"
CRYPTIC = "worthless without the key ring"

ANYWHERE: dict[str, str] = {
    "id": RANDOM,
    "service_id": WALL,
    "version": LOCK,
    "created_at": ORDER,
    "case_id": RANDOM,
    "person_id": RANDOM,
    "account_id": STAFF_ID,
    "owner_id": RANDOM,
    "row_id": RANDOM,
}
COLUMNS: dict[str, str] = {
    CODED: """
        person.language person.needs_interpreter contact_plan.when consent.purpose consent.language
        consent.how_given consent.end consent.category case.status case.closure case.region
        case.channel case.language case_need.code case_need.outcome case_need.reason
        case_need.unmet_kind case_need.source case_event.kind case_event.code emergency_hand_off.kind
        referral.state referral.urgency referral.reason referral_event.from_state
        referral_event.to_state referral_event.source referral_event.reason referral_event.remark
        referral.call_every referral.called_by list_call.state list_call.call_every list_call.end_reason
        referral_link.purpose referral_link.locale follow_up.kind follow_up.series follow_up.step
        follow_up.state follow_up.cancel_reason attempt.result attempt.identity
        attempt.override_reason attempt.ending notice.kind notice.subject_type letter.kind letter.status
        anonymous_contact.channel anonymous_contact.language anonymous_contact.need_group
        consent_wording.purpose consent_wording.language person_access.reason reminder.status
        index_term.kind row_digest.table_tag membership.role legal_hold.reason erasure.reason
        capacity.unit capacity_event.unit retention_rule.closure follow_up_policy.name follow_up_policy.move_state
        referral_ladder.urgency referral_ladder.need
    """,
    FLAG: """
        person.is_sensitive contact_plan.is_unsafe consent.is_given case.is_sensitive
        referral.is_sensitive referral.is_outcome_withheld referral.wants_person_to_call
        referral.is_entered_in_error referral_event.is_undo consent_wording.is_current
        organization.is_confidential organization.is_active directory_service.is_active
        account.is_active membership.is_active membership.is_shut_by_service
        web_session.hides_names follow_up.is_agreed
        follow_up_policy.is_current shift.is_off referral_ladder.is_own
    """,
    WHERE_TIME: """
        contact_plan.time_zone referral_link.time_zone follow_up.time_zone reminder.time_zone
    """,
    ORDER: """
        contact_plan.last_confirmed_at consent.given_at consent.expires_at consent.ended_at
        consent.warned_at case.opened_at case.closed_at case_need.outcome_at case_note.written_at
        case_event.at emergency_hand_off.at referral.requested_at referral.answered_at
        referral.hold_until referral_event.at referral_event.position referral.turn case_need.position
        referral.rank_said_at list_call.ended_at
        referral_link.expires_at referral_link.seen_at referral_link.consumed_at
        referral_link.revoked_at follow_up.ended_at attempt.started_at attempt.ended_at
        attempt.alive_until notice.at
        notice.seen_at letter.sent_at person_access.from_at person_access.until_at
        anonymous_contact.day reminder.shown_at web_session.seen_at web_session.expires_at
        web_session.ended_at web_session.locked_at passphrase_link.expires_at passphrase_link.used_at
        capacity.updated_at capacity_event.at legal_hold.placed_at legal_hold.lifted_at erasure.erased_at calendar_link.used_at
    """,
    CLOCKWORK: """
        follow_up.local_wall follow_up.due_at follow_up.latest_at follow_up.window_opens_at
        follow_up.window_closes_at follow_up.plan_version follow_up.windows_read_at
        follow_up.zone_rules follow_up.attempts follow_up.max_attempts referral.wake_at referral.expires_at
        reminder.local_wall
        reminder.due_at reminder.wake_at reminder.claim reminder.attempts reminder.occurrence_key reminder.rung
        list_call.due_at list_call.latest_at list_call.tries list_call.rung list_call.wake_at
        letter.wake_at letter.claim letter.attempts letter.idempotency_key notice.occurrence_key
    """,
    STAFF_ID: """
        consent.heard_by case.owner_id case.opened_by case_note.written_by case_event.actor_id
        emergency_hand_off.by_account referral.created_by referral_event.actor_kind
        follow_up.assigned_to attempt.by_account legal_hold.placed_by legal_hold.lifted_by
        erasure.by_account retention_rule.changed_by key_run.started_by directory_import.started_by
        follow_up_policy.changed_by list_call.done_by referral_ladder.changed_by
        hours_word.said_by
    """,
    "who answered, staff or an agency’s account; empty where the case is sensitive (R16)": (
        "referral_event.actor_id"
    ),
    "which agency was asked; empty where the case is sensitive, and sealed beside it (R16)": (
        "referral.organization_id"
    ),
    "a rule of the service: after how many days, set when": (
        "retention_rule.days retention_rule.changed_at"
    ),
    "a rule of the service about call-backs: hours, days and numbers, set when": """
        follow_up_policy.steps follow_up_policy.max_attempts follow_up_policy.pause_hours
        follow_up_policy.longest_days follow_up_policy.team_after_hours
        follow_up_policy.supervisor_after_hours follow_up_policy.changed_at
    """,
    "a rule of the service about silent agencies: minutes or business days, set when": """
        referral_ladder.nudge_after referral_ladder.navigator_after referral_ladder.supervisor_after
        referral_ladder.expire_after referral_ladder.warn_minutes referral_ladder.changed_at
    """,
    "how far the moving of planned calls is: numbers, and the id after which it goes on": """
        follow_up_policy.move_after follow_up_policy.looked_at follow_up_policy.to_look_at
        follow_up_policy.moved follow_up_policy.kept
    """,
    "how far a run of keys is: numbers and times, about nobody": """
        key_run.kind key_run.target key_run.state key_run.total key_run.done key_run.failed
        key_run.worked_ms key_run.wake_at key_run.started_at key_run.updated_at key_run.ended_at
        data_key.failed_for index_term.failed_for
    """,
    "how many places an agency said are free: about a place, and nobody": """
        capacity.available capacity_event.available
    """,
    "who said it: an account of staff or agency; never a link, which is bound to one request": """
        capacity_event.actor_kind capacity_event.actor_id
    """,
    "what the machine did, how often and when last: numbers about nobody": """
        pulse.name pulse.at pulse.n
    """,
    "six random characters to say on the phone": "case.ref referral.ref",
    "how far a household stands on a list: a number about no one, which tells no agency": """
        referral.list_rank referral_event.list_rank
    """,
    SIZE: "case.adults case.children anonymous_contact.n",
    RANDOM: """
        consent.wording_id referral.need_id referral.consent_id referral.supersedes_id
        referral.round_id referral.ladder_id
        referral_event.referral_id referral_link.referral_id follow_up.referral_id
        list_call.referral_id attempt.follow_up_id attempt.web_session_id reminder.follow_up_id case_event.subject_id notice.subject_id
        letter.subject_id membership.organization_id passphrase_link.membership_id
        directory_service.organization_id organization.source_id directory_service.seen_in
        location.organization_id service_at_location.directory_service_id
        service_at_location.location_id schedule.directory_service_id schedule.location_id hours_word.directory_service_id
        phone.directory_service_id import_remark.import_id
        capacity.directory_service_id capacity_event.directory_service_id
    """,
    HASHED: """
        referral_link.token_hash referral_link.session_hash web_session.token_hash
        passphrase_link.token_hash calendar_link.token_hash referral_event.idempotency_key
    """,
    "argon2id of a passphrase of staff": "account.password_hash",
    STAFF_OWN: """
        account.email account.display_name account.locale account.time_zone account.theme
        account.has_shortcuts shift.weekday shift.on_day shift.starts shift.ends
        mail_choice.wants_call_backs mail_choice.wants_day
        mail_choice.wants_team mail_choice.day_begins mail_choice.quiet_from mail_choice.quiet_until
    """,
    SERVICE_OWN: """
        service.code service.name_en service.name_fr service.time_zone service.locale service.phone
        service.privacy_contact service.opening_hours service.holidays_of service.notice_minutes
        consent_wording.text
    """,
    PUBLIC: """
        organization.name organization.kind organization.phone organization.email
        organization.locale organization.region organization.time_zone directory_service.need
        organization.opening_hours organization.holidays_of
        directory_service.eligibility_en directory_service.eligibility_fr directory_service.hours_en
        directory_service.hours_fr directory_service.features directory_service.languages
        directory_service.is_open_all_hours directory_service.needs directory_service.name_en
        directory_service.name_fr directory_service.description_en directory_service.description_fr
        directory_service.minimum_age directory_service.maximum_age directory_service.cost_en
        directory_service.cost_fr directory_service.application_en directory_service.application_fr
        directory_service.documents_en directory_service.documents_fr directory_service.service_areas
        directory_service.terms directory_service.url directory_service.email
        organization.alternate_name organization.description_en organization.description_fr
        organization.url organization.source directory_service.source directory_service.source_id
        schedule.origin hours_word.is_said hours_word.is_all_hours hours_word.closed_from
        hours_word.closed_until hours_word.is_by_agency hours_word.is_published_all_hours
        hours_word.said_at
        schedule.rrule schedule.starts_on schedule.valid_from schedule.valid_to schedule.opens_at
        directory_service.search schedule.closes_at schedule.description schedule.time_zone
        phone.number phone.extension
        phone.kind phone.description taxonomy_term.vocabulary
        taxonomy_term.code taxonomy_term.name taxonomy_term.need
    """,
    "about an agency’s place, as it is published; empty where it is confidential (R20)": """
        location.kind location.is_confidential location.name location.description location.address_1
        location.address_2 location.city location.region location.postal_code location.country
        location.latitude location.longitude location.url location.accessibility
        location.time_zone location.is_active location.source location.source_id
    """,
    "how far an import of the directory is: numbers, codes and times about agencies": """
        directory_import.format directory_import.source directory_import.language
        directory_import.state directory_import.failure directory_import.position
        directory_import.percent directory_import.written directory_import.refused
        directory_import.repaired directory_import.vanished directory_import.worked_ms
        directory_import.wake_at directory_import.started_at directory_import.updated_at
        directory_import.ended_at
    """,
    "where a refused row of a published directory stands and why, never what it said": """
        import_remark.part import_remark.line import_remark.source_id import_remark.reason
        import_remark.field import_remark.is_refused
    """,
    CRYPTIC: """
        data_key.wrapped index_term.version index_term.token
    """,
    "a number of the ring that takes no more rows": "retired_key.part retired_key.number",
    "which key of the ring wraps it, never which by trying": "data_key.kek_id",
    "SHA-256 over ciphertext: an older value put back is seen": "row_digest.digest",
    CHAINED: """
        audit_entry.seq audit_entry.at_us audit_entry.actor_kind audit_entry.actor_id
        audit_entry.action audit_entry.object_type audit_entry.object_id audit_entry.is_refused
        audit_entry.purpose audit_entry.fields audit_entry.detail audit_entry.prev audit_entry.hash
        audit_subject.seq audit_subject.at_us audit_head.seq audit_head.hash
    """,
}
