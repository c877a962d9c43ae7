"""What may be done with a referral; every change is one row of the table and one event."""

from casework.referrals.services.answering import (
    answer,
    ask_longer,
    extend_hold,
    remark,
    report_arrival,
)
from casework.referrals.services.asking import open_agencies, send
from casework.referrals.services.ending import ask_again, recall, undo, withdraw
from casework.referrals.services.openers import (
    open_agency,
    open_referral,
    open_request_details,
)

__all__ = [
    "answer",
    "ask_again",
    "ask_longer",
    "extend_hold",
    "open_agencies",
    "open_agency",
    "open_referral",
    "open_request_details",
    "recall",
    "remark",
    "report_arrival",
    "send",
    "undo",
    "withdraw",
]
