"""What the other rooms ask of notices: tell somebody in the app, or queue a letter."""

from casework.notices.services.letters import (
    Mourner,
    Writer,
    cancel_letters,
    queue_letter,
    write_with,
)
from casework.notices.services.telling import mark_seen, tell

__all__ = [
    "Mourner",
    "Writer",
    "cancel_letters",
    "mark_seen",
    "queue_letter",
    "tell",
    "write_with",
]
