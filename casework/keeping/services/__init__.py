"""What is done about keeping."""

from casework.keeping.services.key_runs import (
    Worked,
    begin_turn,
    cancel_run,
    claim_due,
    pause_run,
    resume_run,
    start_run,
    work_batch,
)

__all__ = [
    "Worked",
    "begin_turn",
    "cancel_run",
    "claim_due",
    "pause_run",
    "resume_run",
    "start_run",
    "work_batch",
]
