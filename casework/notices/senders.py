"""How a mail leaves: SMTP, a folder or the console; each tells apart “surely not” and “unknown”."""

import smtplib
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT = 20  # seconds for each step of an SMTP conversation


class SurelyNotSent(Exception):
    """Nothing left, and a later try may succeed: no connection, or a refusal for now."""


class Rejected(Exception):
    """The other side said no for good; trying again would not help."""


class PerhapsSent(Exception):
    """The conversation broke after the text began to leave: nobody knows, so it is never resent."""


@dataclass(frozen=True, repr=False)
class Envelope:
    """The bytes of one mail and the two addresses of its envelope."""

    sender: str
    recipient: str
    content: bytes
    name: str


Sender = Callable[[Envelope], None]


def sender_for(mail_url: str) -> Sender:
    """Give the sender that an address such as smtp://host:25 or file:/folder names."""
    parts = urlsplit(mail_url)
    if parts.scheme in ("smtp", "smtps"):
        return _smtp(mail_url)
    if parts.scheme == "file":
        return _file(Path(unquote(parts.path)))
    if parts.scheme == "console":
        return _console
    if parts.scheme == "memory":
        return mailbox.append
    raise ValueError("MAIL_URL must begin with smtp:, smtps:, file: or console:")


# Where memory: puts its mail; tests read it instead of replacing the sender.
mailbox: list[Envelope] = []


def _console(envelope: Envelope) -> None:
    sys.stdout.write(envelope.content.decode("utf-8", errors="replace") + "\n")
    sys.stdout.flush()


def _file(folder: Path) -> Sender:
    def send(envelope: Envelope) -> None:
        """Write beside, then rename: a reader never meets half a mail, and twice is once."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            beside = folder / f".{envelope.name}.part"
            beside.write_bytes(envelope.content)
            beside.replace(folder / f"{envelope.name}.eml")
        except OSError as problem:
            raise SurelyNotSent from problem

    return send


def _smtp(mail_url: str) -> Sender:
    parts = urlsplit(mail_url)
    host = parts.hostname or "localhost"
    wants_tls = parse_qs(parts.query).get("starttls", ["no"])[0] in ("1", "yes")

    def connect() -> smtplib.SMTP:
        context = ssl.create_default_context()
        if parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=context)
        server = smtplib.SMTP(host, parts.port or (587 if wants_tls else 25), timeout=TIMEOUT)
        if wants_tls:
            server.starttls(context=context)
        return server

    def send(envelope: Envelope) -> None:
        try:
            server = connect()
        except (OSError, smtplib.SMTPException) as problem:
            raise SurelyNotSent from problem
        try:
            _greet(server, unquote(parts.username or ""), unquote(parts.password or ""))
            _address(server, envelope)
            _transfer(server, envelope)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    return send


def _greet(server: smtplib.SMTP, user: str, password: str) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        if user:
            server.login(user, password)
    except (OSError, smtplib.SMTPException) as problem:
        raise SurelyNotSent from problem


def _address(server: smtplib.SMTP, envelope: Envelope) -> None:
    """Say from whom and to whom: until DATA begins, nothing can have left."""
    try:
        for code, _answer in (server.mail(envelope.sender), server.rcpt(envelope.recipient)):
            if code >= 500:
                raise Rejected
            if code not in (250, 251):
                raise SurelyNotSent
    except (OSError, smtplib.SMTPException) as problem:
        raise SurelyNotSent from problem


def _transfer(server: smtplib.SMTP, envelope: Envelope) -> None:
    """Send the text; an answer of refusal is certain, silence or a broken line is not."""
    try:
        code, _answer = server.data(envelope.content)
    except smtplib.SMTPDataError as problem:
        # DATA itself was refused: not one byte of the text left.
        raise (Rejected if problem.smtp_code >= 500 else SurelyNotSent) from problem
    except (OSError, smtplib.SMTPException) as problem:
        raise PerhapsSent from problem
    if code >= 500:
        raise Rejected
    if code >= 400:
        raise SurelyNotSent
