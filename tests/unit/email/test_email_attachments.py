"""Files in the mail: carried byte for byte, the words still found by whoever reads only those."""

from dataclasses import replace

import pytest

from channels.email.compose import compose_email
from channels.email.parse import parse_email
from conversation.messages import MAX_ATTACHED, Attachment
from tests.unit.email.test_email_compose import AT, composed, message

CALENDAR = Attachment(
    name="appointment.ics",
    media_type="text/calendar; method=REQUEST; charset=utf-8",
    content="BEGIN:VCALENDAR\r\nSUMMARY:Cita médica\r\nEND:VCALENDAR\r\n".encode(),
)
DOCUMENT = Attachment(name="signed document.pdf", media_type="application/pdf", content=bytes(range(256)) * 40)


def test_files_follow_the_words() -> None:
    mail = composed(replace(message("Here it is."), attachments=(CALENDAR, DOCUMENT)))
    assert mail.get_content_type() == "multipart/mixed"
    words = mail.get_body(("plain",))
    assert words is not None
    assert str(words.get_content()).strip() == "Here it is."
    calendar, document = mail.iter_attachments()
    assert (calendar.get_filename(), calendar.get_content_type()) == ("appointment.ics", "text/calendar")
    assert (calendar.get_param("method"), calendar.get_content_charset()) == ("REQUEST", "utf-8")
    assert calendar.get_payload(decode=True) == CALENDAR.content
    assert (document.get_filename(), document.get_content_type()) == ("signed document.pdf", "application/pdf")
    assert document.get_payload(decode=True) == DOCUMENT.content


def test_a_mail_with_files_is_read_as_one_without() -> None:
    raw = compose_email(replace(message("Here it is."), attachments=(DOCUMENT,)), domain="talk.example", at=AT)
    parsed = parse_email(raw.as_bytes(), received_at=AT)
    assert (parsed.visible_text, parsed.attachments) == ("Here it is.", 1)


@pytest.mark.parametrize("name", ["", "../x.pdf", "a\r\nBcc: x@y.example", "ann@home.example.pdf", "a" * 101])
def test_a_name_is_plain(name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        Attachment(name=name, media_type="application/pdf", content=b"")


@pytest.mark.parametrize("media_type", ["", "pdf", "application/pdf\r\nX: y", "text/calendar; method"])
def test_a_media_type_is_one(media_type: str) -> None:
    with pytest.raises(ValueError, match="media type"):
        Attachment(name="a.pdf", media_type=media_type, content=b"")


def test_what_no_relay_takes_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="too large"):
        Attachment(name="a.pdf", media_type="application/pdf", content=bytes(MAX_ATTACHED + 1))
