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
    queue_letters,
    write_with,
)
from casework.notices.services.telling import Line, mark_seen, tell, tell_many

__all__ = [
    "Line",
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
    "queue_letters",
    "tell",
    "tell_many",
    "write_with",
]
