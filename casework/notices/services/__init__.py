"""What the other rooms ask of notices: tell somebody in the app, or queue a letter."""

from casework.notices.services.choosing import choose_mails
from casework.notices.services.forgetting import (
    address_letter,
    forget_rows,
    hold_letters_about,
    open_addressee,
)
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
    "address_letter",
    "cancel_letters",
    "choose_mails",
    "forget_rows",
    "hold_letters_about",
    "mark_seen",
    "open_addressee",
    "queue_letter",
    "tell",
    "write_with",
]
