"""What may be done with follow-ups; each change writes its audit entry in the same act."""

from casework.followups.services.audience import owner_of
from casework.followups.services.calls import drop_call, record_reach, start_call
from casework.followups.services.carrying import situation_of
from casework.followups.services.delivery import deliver, deliver_batch
from casework.followups.services.endings import cancel_for_case, cancel_for_person, mark_told
from casework.followups.services.finishing import (
    NeedAnswer,
    NextStep,
    finish_call,
    next_in_series,
)
from casework.followups.services.handing import Handed, hand_over, take_over, take_over_list_call
from casework.followups.services.inbound import (
    Answered,
    awaits_answer,
    recognised_at,
    record_inbound,
)
from casework.followups.services.leases import (
    free_call,
    keep_call,
    leave_call,
    page_left,
    renew,
)
from casework.followups.services.list_calls import note_no_answer
from casework.followups.services.list_prompts import prompt_list_calls
from casework.followups.services.parked import try_again, try_all_again
from casework.followups.services.planning import move, plan_call_back, plan_series
from casework.followups.services.policies import (
    Kept,
    Preview,
    change_policy,
    move_calls,
    preview_policy,
)
from casework.followups.services.reminders import Claimed, claim
from casework.followups.services.telling import plan_to_tell
from casework.followups.services.windows import (
    Reading,
    read_plan,
    replan_for_person,
    replan_windows,
    roll_windows,
    until_if_renewed,
)

__all__ = [
    "Answered",
    "Claimed",
    "Handed",
    "Kept",
    "NeedAnswer",
    "NextStep",
    "Preview",
    "Reading",
    "awaits_answer",
    "cancel_for_case",
    "cancel_for_person",
    "change_policy",
    "claim",
    "deliver",
    "deliver_batch",
    "drop_call",
    "finish_call",
    "free_call",
    "hand_over",
    "keep_call",
    "leave_call",
    "mark_told",
    "move",
    "move_calls",
    "next_in_series",
    "note_no_answer",
    "owner_of",
    "page_left",
    "plan_call_back",
    "plan_series",
    "plan_to_tell",
    "preview_policy",
    "prompt_list_calls",
    "read_plan",
    "recognised_at",
    "record_inbound",
    "record_reach",
    "renew",
    "replan_for_person",
    "replan_windows",
    "roll_windows",
    "situation_of",
    "start_call",
    "take_over",
    "take_over_list_call",
    "try_again",
    "try_all_again",
    "until_if_renewed",
]
