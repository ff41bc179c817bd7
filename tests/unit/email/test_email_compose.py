"""The mail that goes out: its headers, its two bodies, and that nothing put into it becomes a header or a tag."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.compose import compose_email
from channels.email.parse import parse_email
from channels.email.parsed import EmailKind
from channels.email.send import Relay, parse_smtp_url
from channels.email.smtp_codes import decide_problem
from conversation.messages import ChannelName, OutboundMessage, SendProblem

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
OUTBOX = UUID("0198a1b2-0000-7000-8000-00000000abcd")
MARKER = "##- Please type your reply above this line -##"


def message(
    text: str = "Your kit is on its way.", quick: tuple[str, ...] = (), /, **attributes: str
) -> OutboundMessage:
    return OutboundMessage(
        id=OUTBOX, channel=ChannelName.EMAIL, to="ann@home.example", sender="hello@talk.example", text=text,
        language="en", quick_replies=quick, attributes=attributes,
    )  # fmt: skip


def composed(out: OutboundMessage) -> EmailMessage:
    raw = compose_email(out, domain="talk.example", at=AT).as_bytes()
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_headers_of_a_first_mail() -> None:
    mail = composed(message(subject="Your kit", from_name="The Programme", reply_to="reply+x@talk.example"))
    assert mail["From"] == "The Programme <hello@talk.example>"
    assert mail["To"] == "ann@home.example"
    assert mail["Reply-To"] == "The Programme <reply+x@talk.example>"
    assert mail["Message-ID"] == f"<perennial.{OUTBOX.hex}@talk.example>"
    assert mail["Date"] == "Mon, 23 Nov 2026 14:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Perennial"] == "1"
    assert mail["In-Reply-To"] is None
    assert mail.get_content_type() == "multipart/alternative"


def test_an_answer_is_threaded_and_says_that_it_is_one() -> None:
    mail = composed(message(in_reply_to="<b@x>", references="<a@x> <b@x>"))
    assert (mail["In-Reply-To"], mail["References"]) == ("<b@x>", "<a@x> <b@x>")
    assert mail["Auto-Submitted"] == "auto-replied"
    assert composed(message(in_reply_to="b@x"))["References"] == "<b@x>"


def test_a_derived_message_id_is_never_sent() -> None:
    mail = composed(
        message(in_reply_to="<derived.0@perennial.invalid>", references="<a@x> <derived.0@perennial.invalid>")
    )
    assert (mail["In-Reply-To"], mail["References"]) == (None, "<a@x>")
    assert mail["Auto-Submitted"] == "auto-replied"


def test_one_click_unsubscribe() -> None:
    mail = composed(message(unsubscribe_url="https://p.example/u/1", unsubscribe_mailto="unsubscribe+x@talk.example"))
    expected = "<https://p.example/u/1>, <mailto:unsubscribe+x@talk.example?subject=unsubscribe>"
    assert mail["List-Unsubscribe"] == expected
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert composed(message())["List-Unsubscribe"] is None
    assert composed(message(unsubscribe_mailto="unsubscribe+x@talk.example"))["List-Unsubscribe-Post"] is None


def test_both_bodies_say_the_same() -> None:
    mail = composed(
        message("Hi Ann.\n\nSí & <b>no</b>\nsecond line", ("Yes", "No"), marker=MARKER, footer="We are\nPerennial")
    )
    assert body(mail, "plain") == (
        f"{MARKER}\n\nHi Ann.\n\nSí & <b>no</b>\nsecond line\n\n- Yes\n- No\n\n-- \nWe are\nPerennial\n"
    )
    html = body(mail, "html")
    assert "Sí &amp; &lt;b&gt;no&lt;/b&gt;<br>second line" in html
    assert html.index(MARKER) < html.index("Hi Ann.") < html.index("<li>Yes</li>") < html.index("We are<br>Perennial")
    assert '<html lang="en"' in html


def test_links_are_links_and_only_https_ones() -> None:
    html = body(composed(message('See https://p.example/a?b=1&c=2. Not javascript:x or http://x.example "q"')), "html")
    assert '<a href="https://p.example/a?b=1&amp;c=2">https://p.example/a?b=1&amp;c=2</a>. Not javascript:x' in html
    assert 'href="http:' not in html
    assert 'href="javascript' not in html


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["subject", "from_name", "in_reply_to", "references", "marker"]))
def test_no_attribute_begins_a_header(value: str, name: str) -> None:
    raw = compose_email(
        message(**{name: f"{value}\r\nBcc: eve@x.example\r\n\r\n"}), domain="talk.example", at=AT
    ).as_bytes()
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["To"] == "ann@home.example"
    assert mail["X-Perennial"] == "1"


@pytest.mark.parametrize(
    "to", ["ann", "ann@home.example\r\nBcc: eve@x.example", "ann@home.example>", "a b@home.example", ""]
)
def test_an_address_that_is_none_is_refused(to: str) -> None:
    out = OutboundMessage(
        id=OUTBOX, channel=ChannelName.EMAIL, to=to, sender="hello@talk.example", text="x", language="en"
    )
    with pytest.raises(ValueError, match="not an address"):
        compose_email(out, domain="talk.example", at=AT)


@pytest.mark.parametrize("url", ["javascript:x", "https://p.example/\r\nBcc: x", "https://p.example/> <x"])
def test_an_unsubscribe_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        compose_email(message(unsubscribe_url=url), domain="talk.example", at=AT)


def test_our_own_mail_come_back_is_a_loop() -> None:
    raw = compose_email(message(), domain="talk.example", at=AT).as_bytes()
    assert parse_email(raw, received_at=AT, own_domain="talk.example").kind is EmailKind.LOOP


def test_a_reply_that_quotes_our_mail_whole_leaves_only_the_answer() -> None:
    ours = body(composed(message("Reply STOP to stop.", marker=MARKER)), "plain")
    raw = f"From: ann@home.example\r\nMessage-ID: <1@h>\r\n\r\nYes.\r\n\r\n{ours}".encode()
    assert parse_email(raw, received_at=AT).visible_text == "Yes."


CODES = [
    (421, "4.3.0 busy", True, SendProblem.RETRY),
    (450, "greylisted", True, SendProblem.RETRY),
    (452, "4.2.2 full", True, SendProblem.RETRY),
    (550, "5.1.1 no such user", True, SendProblem.BAD_CONTACT),
    (550, "no such user", True, SendProblem.BAD_CONTACT),
    (551, "moved", True, SendProblem.BAD_CONTACT),
    (553, "5.1.3 bad", True, SendProblem.BAD_CONTACT),
    (556, "5.1.10 null MX", True, SendProblem.BAD_CONTACT),
    (550, "5.2.1 disabled", True, SendProblem.BAD_CONTACT),
    (552, "5.2.2 full", True, SendProblem.REJECTED),
    (550, "5.7.1 spam", True, SendProblem.BLOCKED),
    (550, "5.7.26 DMARC", False, SendProblem.BLOCKED),
    (554, "5.7.99 policy", False, SendProblem.BLOCKED),
    (554, "5.6.0 content", False, SendProblem.REJECTED),
    (550, "not this content", False, SendProblem.REJECTED),
    (553, "5.1.8 our sender", False, SendProblem.REJECTED),
    (554, "no", True, SendProblem.REJECTED),
    (-1, "unreadable", True, SendProblem.RETRY),
]


@pytest.mark.parametrize(("code", "text", "at_recipient", "expected"), CODES)
def test_codes(code: int, text: str, at_recipient: bool, expected: SendProblem) -> None:
    assert decide_problem(code, text, at_recipient=at_recipient) is expected


URLS = {
    "smtp://relay.example": Relay(host="relay.example", port=25),
    "smtp://u%40x:p%3A@relay.example:587?starttls=1": Relay(
        host="relay.example", port=587, starttls=True, username="u@x", password="p:"
    ),
    "smtp://relay.example?starttls=1": Relay(host="relay.example", port=587, starttls=True),
    "smtp://127.0.0.1:2525?starttls=0": Relay(host="127.0.0.1", port=2525, starttls=False),
    "smtps://relay.example": Relay(host="relay.example", port=465, tls=True, starttls=False),
}


@pytest.mark.parametrize("url", URLS)
def test_relay_urls(url: str) -> None:
    assert parse_smtp_url(url) == URLS[url]


@pytest.mark.parametrize("url", ["", "http://x", "smtp://", "smtp://x?starttls=maybe"])
def test_relay_urls_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        parse_smtp_url(url)


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(parse_smtp_url("smtp://u:secret@relay.example"))
