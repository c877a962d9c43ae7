"""Who may open what: one line for every endpoint; a route missing from it fails the tests.

This table is written by hand on purpose. It does not look at what the views declare, so that a
view that declares too much is caught.
"""

from dataclasses import dataclass, field

NOBODY = "nobody"
# Names of the cast: amina opened the case of the scene; louis works beside her and has no access.
INSIDER, COLLEAGUE, SUPERVISOR = "amina", "louis", "sophie"
OUTSIDER, ADMINISTRATOR, AGENCY = "outsider", "marc", "agency"
VISITORS = (NOBODY, INSIDER, COLLEAGUE, OUTSIDER, SUPERVISOR, ADMINISTRATOR, AGENCY)

WITH_ACCESS = frozenset({INSIDER})
SAME_SERVICE = frozenset({INSIDER, COLLEAGUE, SUPERVISOR})
CASE_WORKERS = SAME_SERVICE | {OUTSIDER}
SUPERVISORS = frozenset({SUPERVISOR})
ADMINISTRATORS = frozenset({ADMINISTRATOR})
AGENCIES = frozenset({AGENCY})
SIGNED_IN = CASE_WORKERS | {ADMINISTRATOR, AGENCY}
EVERYBODY = SIGNED_IN | {NOBODY}


@dataclass(frozen=True)
class Door:
    """Who gets in; everybody else gets 404, or the sign-in page when not signed in."""

    who: frozenset[str]
    arguments: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    is_link: bool = False


# A made-up token: the same neutral page for everybody, whoever they are.
LINK = Door(frozenset(), is_link=True)

DOORS: dict[str, Door] = {
    "static": Door(EVERYBODY, {"filename": "css/base.css"}),
    "api.alive": Door(EVERYBODY),
    "api.ready": Door(EVERYBODY),
    "api.reminders": Door(EVERYBODY),
    # Its visitors are told apart by address and token: tests/api/test_metrics.py.
    "metrics.metrics": Door(EVERYBODY),
    # accounts
    "accounts.sign_in": Door(EVERYBODY),
    "accounts.language": Door(EVERYBODY),
    "accounts.theme": Door(EVERYBODY),
    "accounts.set_passphrase": LINK,
    "accounts.sign_out": Door(SIGNED_IN),
    "accounts.lock": Door(SIGNED_IN),
    "accounts.unlock": Door(SIGNED_IN),
    "accounts.home": Door(SIGNED_IN),
    "accounts.hide_names": Door(SIGNED_IN),
    "accounts.settings": Door(SIGNED_IN),
    "accounts.change_passphrase": Door(SIGNED_IN),
    "accounts.end_session": Door(WITH_ACCESS),
    "accounts.staff": Door(ADMINISTRATORS),
    "accounts.add_member": Door(ADMINISTRATORS),
    "accounts.change_role": Door(ADMINISTRATORS),
    "accounts.disable_member": Door(ADMINISTRATORS),
    "accounts.enable_member": Door(ADMINISTRATORS),
    "accounts.start_reset": Door(ADMINISTRATORS),
    "accounts.opening_hours": Door(SUPERVISORS | ADMINISTRATORS),
    "accounts.shifts": Door(CASE_WORKERS),
    "accounts.team_shifts": Door(SUPERVISORS),
    "accounts.member_shifts": Door(SUPERVISORS),
    # directory
    "directory.search": Door(CASE_WORKERS | ADMINISTRATORS),
    # importing
    "importing.imports": Door(ADMINISTRATORS),
    "importing.progress": Door(ADMINISTRATORS),
    "importing.refused": Door(ADMINISTRATORS),
    "importing.change": Door(ADMINISTRATORS, {"what": "pause"}),
    # people
    "people.consents": Door(WITH_ACCESS),
    "people.withdraw": Door(WITH_ACCESS, {"purpose": "call_back"}),
    "people.plan": Door(WITH_ACCESS),
    "people.details": Door(WITH_ACCESS),
    # cases
    "cases.emergency": Door(CASE_WORKERS),
    "cases.look_up": Door(CASE_WORKERS),
    "cases.identify": Door(SAME_SERVICE),
    "cases.identify_caller": Door(CASE_WORKERS),
    "cases.open_without_caller": Door(SAME_SERVICE),
    "cases.assign": Door(WITH_ACCESS),
    "cases.take": Door(WITH_ACCESS),
    "cases.close": Door(WITH_ACCESS),
    "cases.record_outcome": Door(WITH_ACCESS),
    "cases.add_need": Door(WITH_ACCESS),
    "cases.add_note": Door(WITH_ACCESS),
    # referrals
    "referrals.agency": LINK,
    "referrals.agency_reply": LINK,
    "referrals.agency_details": LINK,
    "referrals.agency_undo": LINK,
    "referrals.agency_places": LINK,
    "referrals.new": Door(WITH_ACCESS),
    "referrals.show": Door(WITH_ACCESS),
    "referrals.again": Door(WITH_ACCESS),
    "referrals.record_answer": Door(WITH_ACCESS),
    "referrals.answer_question_of": Door(WITH_ACCESS),
    "referrals.tell": Door(WITH_ACCESS),
    "referrals.clocks": Door(ADMINISTRATORS),
    "referrals.change_clock": Door(ADMINISTRATORS, {"urgency": "urgent", "need": "all"}),
    "referrals.take_late": Door(WITH_ACCESS),
    "referrals.ask_now": Door(WITH_ACCESS),
    "referrals.recall_others": Door(WITH_ACCESS),
    "referrals.warm_transfer": Door(WITH_ACCESS),
    "referrals.entered_in_error": Door(WITH_ACCESS),
    "referrals.extend": Door(WITH_ACCESS),
    "referrals.ask_for_longer": Door(WITH_ACCESS),
    "referrals.send_link": Door(WITH_ACCESS),
    "referrals.recall_request": Door(WITH_ACCESS),
    "referrals.reveal": Door(WITH_ACCESS),
    "referrals.undo_answer": Door(WITH_ACCESS),
    "referrals.withdraw_request": Door(WITH_ACCESS),
    # agencies: louise coordinates the one that is asked
    "agencies.inbox": Door(AGENCIES),
    "agencies.places": Door(AGENCIES),
    # louise's offers food in the scene; of one that does not, see tests/agencies/test_day_list.py.
    "agencies.day": Door(AGENCIES, {"which": "today"}),
    "agencies.request_page": Door(AGENCIES),
    "agencies.answer": Door(AGENCIES),
    "agencies.details": Door(AGENCIES),
    "agencies.take_back": Door(AGENCIES),
    "agencies.colleagues": Door(AGENCIES),
    "agencies.add_colleague": Door(AGENCIES),
    "agencies.change_colleague": Door(AGENCIES, {"what": "disable"}),
    "agencies.reset_colleague": Door(AGENCIES),
    "agencies.hours": Door(AGENCIES),
    "agencies.change_hours": Door(AGENCIES),
    "agencies.hours_of_agency": Door(ADMINISTRATORS),
    "agencies.change_hours_of_agency": Door(ADMINISTRATORS),
    "agencies.agencies": Door(ADMINISTRATORS),
    "agencies.members": Door(ADMINISTRATORS),
    "agencies.add_member": Door(ADMINISTRATORS),
    # follow-ups
    "followups.plan_call": Door(WITH_ACCESS),
    "followups.call": Door(WITH_ACCESS),
    "followups.after_call": Door(WITH_ACCESS),
    "followups.drop_call": Door(WITH_ACCESS),
    "followups.keep_call": Door(WITH_ACCESS),
    "followups.page_left": Door(WITH_ACCESS),
    "followups.leave_call": Door(WITH_ACCESS),
    "followups.calls_seen": Door(CASE_WORKERS),
    "followups.calls": Door(SUPERVISORS),
    "followups.free_call": Door(SUPERVISORS),
    "followups.move_call": Door(WITH_ACCESS),
    "followups.they_called": Door(WITH_ACCESS),
    "followups.no_answer": Door(WITH_ACCESS),
    "followups.hand_over": Door(CASE_WORKERS),
    # Only while whoever has the case is off shift, which nobody of the scene is.
    "followups.take_over": Door(frozenset()),
    "followups.take_over_list_call": Door(frozenset()),
    "followups.policies": Door(SUPERVISORS),
    "followups.change_policy": Door(SUPERVISORS, {"name": "crisis"}),
    "followups.machine": Door(SUPERVISORS | ADMINISTRATORS),
    "followups.try_again": Door(SUPERVISORS | ADMINISTRATORS),
    "followups.try_all_again": Door(SUPERVISORS | ADMINISTRATORS),
    # intake and desk
    "intake.new_case": Door(CASE_WORKERS),
    "desk.my_day": Door(CASE_WORKERS),
    "desk.changes": Door(CASE_WORKERS),
    "desk.case_page": Door(WITH_ACCESS),
    "desk.reveal": Door(WITH_ACCESS),
    "desk.notices": Door(CASE_WORKERS),
    "desk.notices_seen": Door(CASE_WORKERS),
    "desk.what_happened_next": Door(CASE_WORKERS),
    # agenda
    "agenda.feed": LINK,
    "agenda.messages": Door(CASE_WORKERS),
    "agenda.make_link": Door(CASE_WORKERS),
    "agenda.end_link": Door(CASE_WORKERS),
    "agenda.team": Door(SUPERVISORS),
    # keeping
    "keeping.erase_case": Door(WITH_ACCESS),
    "keeping.erased": Door(CASE_WORKERS),
    "keeping.holds": Door(SUPERVISORS),
    "keeping.hold": Door(SUPERVISORS),
    "keeping.retention": Door(ADMINISTRATORS),
    # oversight
    "oversight.outcomes": Door(SUPERVISORS),
    "oversight.audit_log": Door(SUPERVISORS),
    # keys
    "keys.overview": Door(ADMINISTRATORS),
    "keys.progress": Door(ADMINISTRATORS),
    "keys.rewrap": Door(ADMINISTRATORS),
    "keys.reindex": Door(ADMINISTRATORS),
    "keys.change_run": Door(ADMINISTRATORS, {"what": "pause"}),
}
