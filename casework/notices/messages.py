"""What may leave the building: a message as plain text, made safe against header injection."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

POLICY = SMTP.clone(cte_type="7bit", raise_on_defect=False)


class BadAddress(ValueError):
    """The address cannot stand in a header; it is not repeated here, since it may be anything."""


@dataclass(frozen=True, repr=False)
class Message:
    """One letter ready to leave: an address, fixed words with a count and a link, a language."""

    to: str
    subject: str
    body: str
    locale: str = "en_CA"
    # Who writes, as it stands before the address of the sender: the public name of the service.
    from_name: str = ""


def message_id(letter_id: UUID, sender: str) -> str:
    """Derive the Message-ID from the letter, so that a doubled sending can be recognised."""
    digest = hashlib.sha256(b"casework-letter" + letter_id.bytes).hexdigest()[:40]
    return f"<{digest}@{_address(sender).domain}>"


def ascii_address(text: str) -> str:
    """Give an address as every mail server takes it: a domain with accents in its ASCII form (RFC 5891).

    Raises BadAddress when what stands before the @ is not ASCII: few servers would carry it.
    """
    name, at, domain = text.rpartition("@")
    try:
        name.encode("ascii")
        return name + at + domain.encode("idna").decode("ascii")
    except UnicodeError as problem:
        raise BadAddress from problem


def render_mail(message: Message, *, letter_id: UUID, sender: str, at: datetime) -> bytes:
    """Write the message as the bytes that leave; raise BadAddress when it cannot be addressed."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = _address(sender, " ".join(message.from_name.split()))
    mail["To"] = _address(message.to)
    # A line break here would begin a header of somebody's choice.
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id(letter_id, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.body, cte="quoted-printable")
    mail["Content-Language"] = message.locale.replace("_", "-")
    return mail.as_bytes()


def _address(text: str, name: str = "") -> Address:
    if any(ord(sign) < 33 or sign in "<>,;" for sign in text):
        raise BadAddress
    try:
        address = Address(display_name=name, addr_spec=ascii_address(text))
    except (ValueError, IndexError, MessageError) as problem:
        raise BadAddress from problem
    if not address.domain or not address.username:
        raise BadAddress
    return address
