"""The bytes of a mail: a count and a link, plain text, no tracking, no room for other headers."""

import uuid
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.notices.messages import BadAddress, Message, message_id, render_mail

LETTER = uuid.UUID("11111111-2222-4333-8444-555555555555")
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SENDER = "casework@service.example"


def render(to: str = "amina@north.example", subject: str = "2 rappels prévus") -> bytes:
    message = Message(to, subject, "2 rappels prévus avant 17 h.\n", "fr_CA")
    return render_mail(message, letter_id=LETTER, sender=SENDER, at=AT)


def test_the_mail_is_plain_text_and_says_that_a_machine_wrote_it() -> None:
    """screens.md section 7."""
    mail = message_from_bytes(render(), policy=default)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "fr-CA"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines() == ["2 rappels prévus avant 17 h."]
    assert not mail.is_multipart()
    for name in ("Disposition-Notification-To", "Return-Receipt-To", "List-Unsubscribe"):
        assert mail[name] is None


def test_the_message_id_comes_from_the_letter_and_tells_nothing_of_it() -> None:
    """A doubled sending can be recognised; the row's id does not leave the building."""
    assert message_id(LETTER, SENDER) == message_id(LETTER, SENDER)
    assert message_id(LETTER, SENDER) != message_id(uuid.uuid4(), SENDER)
    assert str(LETTER).encode() not in render()
    assert LETTER.hex.encode() not in render()


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: everybody@c.example",
        "a@b.example\nX: y",
        "a@b.example, c@d.example",
        "A <a@b.example>",
        "a b@c.example",
        "nobody",
        "zoé@b.example",
        "@b.example",
        "",
    ],
)
def test_an_address_that_would_say_more_is_refused(address: str) -> None:
    """Check 55: header injection."""
    with pytest.raises(BadAddress):
        render(to=address)


def test_a_domain_with_accents_stands_there_in_its_ascii_form() -> None:
    """A mail server takes no other form, and a header would mangle it."""
    assert b"\r\nTo: info@xn--maison-t-h1ab.example\r\n" in render(to="info@maison-été.example")


@given(subject=st.text(max_size=80))
def test_no_subject_begins_a_header_of_its_own(subject: str) -> None:
    raw = render(subject="1 " + subject + "\r\nBcc: everybody@c.example")
    mail = message_from_bytes(raw, policy=default)
    assert mail["Bcc"] is None
    assert mail["To"] == "amina@north.example"
    assert mail.get_content().startswith("2 rappels")
