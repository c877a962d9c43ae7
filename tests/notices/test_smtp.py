"""A real SMTP conversation: what arrives, byte by byte, and what each failure means."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from casework.notices.senders import (
    Envelope,
    PerhapsSent,
    Rejected,
    SurelyNotSent,
    sender_for,
)

CONTENT = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: 1\r\n\r\n.1 rappel =C3=A9\r\n"
LETTER = Envelope("a@b.example", "c@d.example", CONTENT, "letter")


class Postmaster:
    """Takes mail, and answers each step as a test wishes."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.rcpt = "250 OK"
        self.data = "250 OK"
        self.breaks_after_data = False

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _o: Any
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        if self.breaks_after_data:
            server.transport.abort()
        return self.data


@pytest.fixture
def postmaster() -> Postmaster:
    return Postmaster()


@pytest.fixture
def mail_url(postmaster: Postmaster) -> Iterator[str]:
    """Run a mail server on a free port of this machine only."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(postmaster, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


def test_the_bytes_arrive_as_they_were_written(mail_url: str, postmaster: Postmaster) -> None:
    sender_for(mail_url)(LETTER)
    (taken,) = postmaster.taken
    assert taken.mail_from == "a@b.example"
    assert taken.rcpt_tos == ["c@d.example"]
    assert message_from_bytes(taken.content, policy=default).get_payload() == ".1 rappel =C3=A9\r\n"


def test_no_server_means_surely_not_sent() -> None:
    """Connection refused before DATA: only this may be tried again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SurelyNotSent):
        sender_for(f"smtp://127.0.0.1:{port}")(LETTER)


@pytest.mark.parametrize(
    ("rcpt", "data", "expected"),
    [
        ("450 later", "250 OK", SurelyNotSent),
        ("550 no such user", "250 OK", Rejected),
        ("250 OK", "451 later", SurelyNotSent),
        ("250 OK", "554 refused", Rejected),
    ],
)
def test_a_refusal_is_certain(
    mail_url: str, postmaster: Postmaster, rcpt: str, data: str, expected: type[Exception]
) -> None:
    postmaster.rcpt, postmaster.data = rcpt, data
    with pytest.raises(expected):
        sender_for(mail_url)(LETTER)


def test_silence_after_the_text_is_unknown(mail_url: str, postmaster: Postmaster) -> None:
    """engine.md section 3: a doubled message can endanger, so nobody resends this one."""
    postmaster.breaks_after_data = True
    with pytest.raises(PerhapsSent):
        sender_for(mail_url)(LETTER)
    assert len(postmaster.taken) == 1


def test_a_folder_keeps_one_file_however_often_it_is_written(tmp_path: Any) -> None:
    for _ in range(2):
        sender_for(f"file:{tmp_path}/mail")(LETTER)
    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["letter.eml"]


def test_the_console_shows_the_mail(capsys: pytest.CaptureFixture[str]) -> None:
    sender_for("console:")(LETTER)
    assert "Subject: 1" in capsys.readouterr().out


def test_an_address_nobody_understands_stops_the_start() -> None:
    with pytest.raises(ValueError, match="MAIL_URL"):
        sender_for("pigeon://loft")
