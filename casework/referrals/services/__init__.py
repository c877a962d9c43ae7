"""What may be done with a referral; every change is one row of the table and one event."""

from casework.referrals.services.agreeing import agree, ask_agency
from casework.referrals.services.answering import (
    answer,
    ask_longer,
    extend_hold,
    record_warm_transfer,
    remark,
    report_arrival,
    say_listed,
    say_yes_late,
    set_out,
    was_recorded,
)
from casework.referrals.services.asking import answer_question, open_agencies, send, take_late_place
from casework.referrals.services.ending import (
    ask_again,
    mark_entered_in_error,
    recall,
    recall_siblings,
    undo,
    withdraw,
)
from casework.referrals.services.onward import Telling, find_telling_with, planned_telling
from casework.referrals.services.openers import (
    open_agency,
    open_referral,
    open_request_details,
    open_wishes,
)
from casework.referrals.services.promising import BadLadder, change_ladder
from casework.referrals.services.retelling import change_told
from casework.referrals.services.rounds import ask_in_turn, ask_several
from casework.referrals.services.sharing import consent_to_share

__all__ = [
    "BadLadder",
    "Telling",
    "agree",
    "answer",
    "answer_question",
    "ask_again",
    "ask_agency",
    "ask_in_turn",
    "ask_longer",
    "ask_several",
    "change_ladder",
    "change_told",
    "consent_to_share",
    "extend_hold",
    "find_telling_with",
    "mark_entered_in_error",
    "open_agencies",
    "open_agency",
    "open_referral",
    "open_request_details",
    "open_wishes",
    "planned_telling",
    "recall",
    "recall_siblings",
    "record_warm_transfer",
    "remark",
    "report_arrival",
    "say_listed",
    "say_yes_late",
    "send",
    "set_out",
    "take_late_place",
    "undo",
    "was_recorded",
    "withdraw",
]
