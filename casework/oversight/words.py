"""The audit's codes in the words of a supervisor; a code without a word is shown as it is."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from casework.cases.erasure_models import ErasureReason, HoldReason
from casework.people import words as people_words
from casework.people.models import AccessReason, Purpose

ACTIONS: dict[str, LazyString] = {
    "case:read": _l("Read a case"),
    "case:opened": _l("Opened a case"),
    "case:closed": _l("Closed a case"),
    "case:assigned": _l("Handed a case over"),
    "case:admitted": _l("Was let into a case"),
    "case:identity:failed": _l("Identity not confirmed"),
    "case:need:added": _l("Added a need"),
    "case:need:outcome": _l("Recorded an outcome"),
    "case:note:added": _l("Added a note"),
    "case:notes:read": _l("Read notes"),
    "case:followup:planned": _l("Planned a call"),
    "case:followup:moved": _l("Moved a call"),
    "case:followup:completed": _l("Finished a call-back"),
    "case:followup:cancelled": _l("Cancelled a call-back"),
    "case:followup:unable_to_reach": _l("Noted “unable to reach”"),
    "case:erasure:asked": _l("Was asked to erase a case"),
    "case:erased": _l("Erased a case"),
    "case:hold:placed": _l("Placed a legal hold"),
    "case:hold:read": _l("Read who asked for a legal hold"),
    "case:hold:lifted": _l("Lifted a legal hold"),
    "person:erased": _l("Erased a person"),
    "retention:changed": _l("Changed retention times"),
    "retention:reported": _l("Counted cases past their time"),
    "letter:open": _l("Opened to whom a letter goes"),
    "person:register": _l("Kept a person’s details"),
    "person:open": _l("Opened a person’s details"),
    "person:change": _l("Changed a person’s details"),
    "person:list": _l("Read a list of names"),
    "person:reindex": _l("Made search terms again"),
    "person:find": _l("Searched by phone, email or handle"),
    "person:compare": _l("Compared numbers, to obey the strictest plan"),
    "person:verify": _l("Checked identity"),
    "person:mark_sensitive": _l("Marked a record as sensitive"),
    "person:plan:open": _l("Opened a safe-contact plan"),
    "person:plan:write": _l("Wrote a safe-contact plan"),
    "person:plan:confirm": _l("Confirmed a safe-contact plan"),
    "person:plan:compare": _l("Compared safe-contact plans"),
    "person:plan:mark_unsafe": _l("Marked a number as not safe"),
    "person:access:grant": _l("Gave access to a person"),
    "person:access:end": _l("Ended access to a person"),
    "consent:record": _l("Recorded consent"),
    "consent:open": _l("Opened a consent"),
    "consent:end": _l("Ended a consent"),
    "followup:call:started": _l("Began a call"),
    "followup:call:overridden": _l("Called outside the agreed hours"),
    "followup:call:ended": _l("Ended a call"),
    "followup:call:dropped": _l("A call broke off"),
    "followup:reminder:shown": _l("Showed a reminder"),
    "referral:sent": _l("Sent a referral"),
    "referral:moved": _l("Changed a referral"),
    "referral:undone": _l("Took back an answer"),
    "referral:open": _l("Opened a referral’s details"),
    "referral:viewed": _l("Read a referral"),
    "referral:reindex": _l("Made an agency’s search terms again"),
    "referral:event:open": _l("Opened who answered a referral"),
    "referral:link:made": _l("Made an agency link"),
    "referral:link:seen": _l("An agency saw its link"),
    "referral:link:asked": _l("An agency asked for its link again"),
    "referral:link:revoked": _l("Revoked an agency link"),
    "emergency:handed_over": _l("Handed an emergency over"),
    "account:sign_in": _l("Signed in"),
    "account:sign_out": _l("Signed out"),
    "account:lock": _l("Locked the screen"),
    "account:unlock": _l("Unlocked the screen"),
    "account:end_session": _l("Ended a session"),
    "account:change_passphrase": _l("Changed a passphrase"),
    "account:set_passphrase": _l("Set a passphrase"),
    "member:add": _l("Added a member"),
    "member:change_role": _l("Changed a role"),
    "member:disable": _l("Disabled a member"),
    "member:enable": _l("Enabled a member"),
    "member:start_reset": _l("Started a passphrase reset"),
    "directory:organization:added": _l("Added an agency"),
    "directory:organization:changed": _l("Changed an agency"),
    "directory:service:added": _l("Added a service to the directory"),
    "audit:read": _l("Read the audit"),
    "keys:rewrap:started": _l("Started rewrapping data keys"),
    "keys:rewrap:running": _l("Resumed rewrapping data keys"),
    "keys:rewrap:paused": _l("Paused rewrapping data keys"),
    "keys:rewrap:cancelled": _l("Cancelled rewrapping data keys"),
    "keys:rewrap:done": _l("Finished rewrapping data keys"),
    "keys:reindex:started": _l("Started making search terms again"),
    "keys:reindex:running": _l("Resumed making search terms again"),
    "keys:reindex:paused": _l("Paused making search terms again"),
    "keys:reindex:cancelled": _l("Cancelled making search terms again"),
    "keys:reindex:done": _l("Finished making search terms again"),
    "page:open": _l("Tried to open a page"),
    "vault:seal": _l("Sealed what was written"),
    "vault:open": _l("A sealed field could not be opened"),
}
PURPOSES: dict[str, LazyString] = {
    **{code.value: code.label for code in (*AccessReason, *Purpose, *ErasureReason, *HoldReason)},
    "my_day": _l("My day"),
    "case_page": _l("The case page"),
    "referral_page": _l("The referral page"),
    "plan_call": _l("To plan a call"),
    "call_back": _l("To call back"),
    "tell_person": _l("To tell the person"),
    "remind": _l("To remind"),
    "ask": _l("To ask an agency"),
    "answer": _l("To record an answer"),
    "agency_link": _l("For an agency’s link"),
    "check_sharing": _l("To check consent to share"),
    "consent": _l("To check consent"),
    "letter": _l("To write to an agency"),
    "hold_page": _l("The page of a legal hold"),
    "by_voice": _l("The person asked on the phone"),
    "in_writing": _l("The person asked in writing"),
    "route": _l("To find whom to ask"),
    "reindex": _l("To change the index key"),
    "replace": _l("To replace a consent"),
    "undo": _l("To take back an answer"),
    "clock": _l("A deadline came"),
    "call": _l("To call them"),
    "they_call": _l("They are on the line"),
    "referral": _l("To arrange help with an agency"),
    "correction": _l("To correct a detail"),
    "review": _l("To review the case"),
    "identity": _l("To ask who is on the line"),
    "change": _l("To change a plan or details"),
    "consents": _l("The page of consents"),
}

FIELDS: dict[str, LazyString] = people_words.DETAILS | {
    "windows": _l("Agreed hours"),
    "time_zone": _l("Time zone"),
    "when": _l("When to call"),
    "channel": _l("Channel"),
    "phone_kind": _l("Whose phone"),
    "voicemail_rule": _l("Voicemail"),
    "voicemail_script": _l("Voicemail words"),
    "code_word": _l("Code word"),
    "agreed_questions": _l("Agreed questions"),
    "cover_name": _l("Cover name"),
    "who_may_answer": _l("Who may answer"),
    "is_caller_id_shown": _l("Our number shows"),
    "dropped_call_rule": _l("Dropped call"),
    "is_text_allowed": _l("Texts"),
    "named_partner": _l("Agency of a consent"),
    "partner": _l("Agency"),
    "request_details": _l("What the agency is told"),
    "answer_details": _l("What the agency said"),
    "body": _l("Note"),
    "needs": _l("Needs"),
    "outcome": _l("Outcome"),
    "reason": _l("Reason"),
    "source": _l("Who said so"),
    "status": _l("Status"),
    "closure": _l("Why it ended"),
    "owner": _l("Who looks after it"),
    "note": _l("Who asks for a hold"),
    "days": _l("Days kept"),
    "addressee": _l("To whom a letter goes"),
}
# A whole plan or record at once is said in one word rather than in a dozen.
MANY = 6


def action_label(code: str) -> LazyString | str:
    """Say what was done."""
    return ACTIONS.get(code, code)


def purpose_label(code: str | None) -> LazyString | str:
    """Say why; an act that needs no reason has none."""
    return PURPOSES.get(code, code) if code else ""


def fields_line(names: list[str]) -> str:
    """Name the fields an entry tells of; many at once are counted."""
    if len(names) > MANY:
        return str(ngettext("%(num)d field", "%(num)d fields", len(names)))
    return ", ".join(str(FIELDS.get(name, name)) for name in names)
