# ruff: noqa: E501  (mails keep the lines they came with)
"""Reading one mail: names, addresses, charsets, broken structure, bombs, and rubbish of every kind."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.email.addresses import AddressBook
from channels.email.html import parse_html
from channels.email.mime import MAX_BOUNDARY_LINES, MAX_HEADER_BYTES, MAX_NESTED, MAX_TEXT
from channels.email.parse import parse_email
from channels.email.parsed import BadEmail, EmailKind, ParsedEmail

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
BOOK = AddressBook(domain="talk.example", key=b"k" * 32)
ANN = UUID("0198a1b2-0000-7000-8000-000000000001")
HEAD = b"From: Ann <ann@home.example>\r\nTo: hello@talk.example\r\nMessage-ID: <1@home.example>\r\n"


def parse(raw: bytes) -> ParsedEmail:
    return parse_email(raw, received_at=AT, own_domain="talk.example")


SENDERS = {
    b"Ann <Ann@Home.Example>": "ann@home.example",
    b"ann@home.example": "ann@home.example",
    b"<ann@home.example>": "ann@home.example",
    b"ann@home.example (Ann)": "ann@home.example",
    b'"boss@clinic.example" <ann@home.example>': "ann@home.example",
    b"boss@clinic.example <ann@home.example>": "ann@home.example",
    b'"Example, Ann" <ann@home.example>': "ann@home.example",
    b"=?utf-8?q?Ana_Mu=C3=B1oz?= <ana@casa.example>": "ana@casa.example",
    b"=?utf-8?b?broken?= <ana@casa.example>": "ana@casa.example",
    b"Ann <ann@home.example>, Bob <bob@home.example>": "ann@home.example",
    "José <jose@casa.example>".encode(): "jose@casa.example",
    b"Ann\r\n\t<ann@home.example>": "ann@home.example",
    b"": "",
    b"nobody": "",
    b"undisclosed-recipients:;": "",
}


@pytest.mark.parametrize("value", SENDERS)
def test_from(value: bytes) -> None:
    assert parse(b"From: " + value + b"\r\nSubject: x\r\n\r\nhi").sender == SENDERS[value]


BODIES = {
    "utf-8": (b"Content-Type: text/plain; charset=utf-8", "Sí, mañana".encode(), "Sí, mañana"),
    "latin-1": (b"Content-Type: text/plain; charset=iso-8859-1", "Sí, mañana".encode("latin-1"), "Sí, mañana"),
    "windows quotes labelled latin-1": (b"Content-Type: text/plain; charset=iso-8859-1", b"it\x92s", "it’s"),
    "no charset, utf-8": (b"Content-Type: text/plain", "mañana".encode(), "mañana"),
    "no charset, windows": (b"Content-Type: text/plain", "mañana".encode("cp1252"), "mañana"),
    "unknown charset": (b"Content-Type: text/plain; charset=klingon", b"hello", "hello"),
    "wrong charset": (b"Content-Type: text/plain; charset=us-ascii", "mañana".encode(), "mañana"),
    "a codec that is no charset": (b"Content-Type: text/plain; charset=rot13", b"hello", "hello"),
    "utf-16": (b"Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64", b"aABpAA==", "hi"),
    "quoted-printable": (
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable",
        b"ma=C3=B1ana is a=\r\n long day",
        "mañana is a long day",
    ),
    "base64": (b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", b"aGVsbG8=", "hello"),
    "base64 broken": (b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", b"aGVsbG8", "hello"),
    "unknown encoding": (b"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-what", b"hello", "hello"),
    "NUL": (b"Content-Type: text/plain", b"he\x00llo\x00", "hello"),
    "emoji and right-to-left": (b"Content-Type: text/plain; charset=utf-8", "👍 שלום".encode(), "👍 שלום"),
    "only HTML": (b"Content-Type: text/html; charset=utf-8", b"<p>Hello <b>you</b></p>", "Hello you"),
    "nonsense content type": (b"Content-Type: what", b"hello", "hello"),
    "multipart without boundary": (b"Content-Type: multipart/mixed", b"hello", "hello"),
}


@pytest.mark.parametrize("name", BODIES)
def test_body(name: str) -> None:
    head, body, expected = BODIES[name]
    assert parse(HEAD + head + b"\r\n\r\n" + body + b"\r\n").visible_text == expected


def test_line_ends_of_every_kind() -> None:
    assert parse(HEAD.replace(b"\r\n", b"\n") + b"\none\ntwo").visible_text == "one\ntwo"
    assert parse(HEAD + b"\r\none\rtwo").visible_text == "one\ntwo"


ALTERNATIVE = HEAD + (
    b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n%s\r\n--b--\r\n"
)


def test_plain_text_goes_before_html() -> None:
    assert parse(ALTERNATIVE % (b"plain", b"<p>html</p>")).visible_text == "plain"


def test_html_serves_where_plain_text_is_empty_or_a_notice() -> None:
    assert parse(ALTERNATIVE % (b"  ", b"<p>html</p>")).visible_text == "html"
    assert parse(ALTERNATIVE % (b"Your program can't display HTML.", b"<p>Yes</p>")).visible_text == "Yes"


def test_html_serves_where_it_alone_shows_the_quote() -> None:
    html = b"<div>Ja</div><blockquote type=cite>Reply STOP</blockquote>"
    assert parse(ALTERNATIVE % (b"Ja\r\nMonday, P said\r\nReply STOP", html)).visible_text == "Ja"


def test_attachments_are_counted_and_their_text_is_not_read() -> None:
    raw = HEAD + (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\nContent-Type: text/plain\r\n"
        b"Content-Disposition: attachment; filename=a.txt\r\n\r\nSTOP\r\n--b\r\nContent-Type: image/png; name=x.png\r\n\r\nxx\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nAuto-Submitted: auto-replied\r\n\r\nSTOP\r\n--b--"
    )
    parsed = parse(raw)
    assert (parsed.visible_text, parsed.attachments, parsed.kind) == ("hi", 3, EmailKind.MESSAGE)


def test_threading_headers() -> None:
    parsed = parse(HEAD + b"In-Reply-To: <a@x>\r\nReferences: <a@x>\r\n <b@x>\r\n\r\nhi")
    assert (parsed.in_reply_to, parsed.references, parsed.message_id) == ("a@x", ("a@x", "b@x"), "1@home.example")


def test_a_missing_message_id_is_derived_from_the_mail_not_from_its_way() -> None:
    raw = b"From: a@b.example\r\nSubject: x\r\n\r\nhi"
    first, again = parse(raw), parse(b"Received: from x\r\n\tby y\r\nReturn-Path: <a@b.example>\r\n" + raw)
    other = parse(raw.replace(b"hi", b"ho"))
    assert first.message_id_derived
    assert first.message_id == again.message_id != other.message_id


def test_tokens_come_from_envelope_and_header() -> None:
    address = BOOK.reply_address(ANN)
    token = address.partition("+")[2].partition("@")[0]
    in_header = parse(b"From: a@b.example\r\nTo: Programme <" + address.upper().encode() + b">\r\n\r\nhi")
    assert in_header.reply_tokens == (token,)
    by_envelope = parse_email(HEAD + b"\r\nhi", received_at=AT, envelope_to=[address], own_domain="talk.example")
    assert by_envelope.reply_tokens == (token,)
    elsewhere = parse(b"From: a@b.example\r\nTo: " + address.replace("talk", "evil").encode() + b"\r\n\r\nhi")
    assert elsewhere.reply_tokens == ()


UNSUBSCRIBE = {
    "lone subject": (b"Subject: Unsubscribe\r\n\r\n", True),
    "lone subject, spanish": (b"Subject: Darme de baja\r\n\r\n\r\n", True),
    "a subject above words": (b"Subject: unsubscribe\r\n\r\nHow do I do that?", False),
    "no": (b"Subject: hello\r\n\r\n", False),
}


@pytest.mark.parametrize("name", UNSUBSCRIBE)
def test_unsubscribe_by_subject(name: str) -> None:
    rest, expected = UNSUBSCRIBE[name]
    assert parse(HEAD + rest).unsubscribe_asked is expected


def test_unsubscribe_by_mailto_counts_even_when_marked_automatic() -> None:
    to = BOOK.unsubscribe_address(ANN).encode()
    head = b"From: ann@home.example\r\nTo: " + to + b"\r\nAuto-Submitted: auto-generated\r\n\r\n"
    assert parse(head + b"This mail was made by a mail program.").unsubscribe_asked


def nested(depth: int) -> bytes:
    parts = [b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth)]
    return HEAD + b"".join(parts) + b"\r\nhi"


BOMBS = {
    "empty": b"",
    "blank": b"\r\n\r\n \x00",
    "too deep": nested(MAX_NESTED + 1),
    "far too deep": nested(20_000),
    "mail in mail in mail": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 5_000,
    "too many parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * (MAX_BOUNDARY_LINES + 1),
    "many parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 600,
    "huge header": HEAD + b"X-A: " + b"a" * MAX_HEADER_BYTES + b"\r\n\r\nhi",
    "header without end": b"X: y\r\n" * 100_000,
    "endless lines": HEAD + b"\r\n" * 1_100_000,
    "endless parameters": HEAD + b"Content-Type: text/plain" + b';"' * 50_000 + b"\r\n\r\nhi",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.timeout(20)
def test_bombs_are_refused(name: str) -> None:
    with pytest.raises(BadEmail):
        parse(BOMBS[name])


HEAVY = {
    "just deep enough": nested(MAX_NESTED - 5),
    "long line": HEAD + b"\r\n" + b"a" * 5_000_000,
    "html depth": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 150_000 + b"hi",
    "html blockquote depth": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<blockquote>a" * 50_000,
    "html never closed": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a" * 300_000,
    "html formats reopened": HEAD + b"Content-Type: text/html\r\n\r\n" + b"".join(b"<b id=%d>" % n for n in range(5_000)) + b"<p>" * 90_000,
    "html quotes never closed": HEAD + b"Content-Type: text/html\r\n\r\n" + b'<a "<a" ' * 60_000,
    "html comments never closed": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<!--" * 120_000,
    "html scripts never closed": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<script>" * 60_000,
    "html picture inside": HEAD + b"Content-Type: text/html\r\n\r\n<p>hi<img src='data:image/png;base64," + b"A" * 200_000 + b"'>",
    "html entities": HEAD + b"Content-Type: text/html\r\n\r\n" + b"&lt;" * 200_000,
    "many quotes": HEAD + b"\r\n" + b">>>>>>>> \r\n" * 200_000,
    "many attributions": HEAD + b"\r\n" + b"On 1/1/2026 a@b.example\r\n" * 50_000,
    "many headings": HEAD + b"\r\n" + b"From: x\r\nTo\r\n" * 50_000,
    "dashes": HEAD + b"\r\n" + b"-" * 190_000,
    "spaces": HEAD + b"\r\nsent" + b" " * 190_000 + b"x",
    "at signs": HEAD + b"\r\n" + b"a@" * 100_000,
    "many addresses": b"To: " + b"a@b.example, " * 15_000 + b"\r\nFrom: " + b"<" * 50_000 + b"\r\n\r\nhi",
    "encoded words": HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 10_000 + b"\r\n\r\nhi",
    "bounce of nothing": HEAD.replace(b"ann@", b"mailer-daemon@") + b"\r\n" + b"550 5.1.1 " * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HEAVY)
@pytest.mark.timeout(20)
def test_heavy_mail_is_read_in_bounded_time_and_size(name: str) -> None:
    parsed = parse(HEAVY[name])
    assert len(parsed.visible_text) <= MAX_TEXT
    assert len(parsed.full_text) <= MAX_TEXT


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=3_000))
def test_rubbish_is_refused_or_read_but_raises_nothing_else(raw: bytes) -> None:
    try:
        parsed = parse(raw)
    except BadEmail:
        return
    assert "\x00" not in parsed.visible_text + parsed.subject + parsed.full_text
    parsed.full_text.encode()


_names = st.sampled_from(
    ["From", "To", "Subject", "Content-Type", "Content-Transfer-Encoding", "Message-ID", "References", "Return-Path",
     "Auto-Submitted", "Delivered-To", "Content-Disposition", "List-Id", "X-Failed-Recipients"]
)  # fmt: skip
_values = st.one_of(
    st.sampled_from(
        ["multipart/report; report-type=delivery-status; boundary=b", "multipart/report; report-type*0=feedback-report; boundary=b",
         "multipart/mixed; boundary*=utf-8''b", "message/rfc822", "message/delivery-status", "message/feedback-report",
         "text/html; charset=\"=?x?=\"", "base64", "quoted-printable", "uuencode", "mailer-daemon@x.example", "<>", "a@b", "failure notice"]
    ),
    st.text(max_size=60),
)  # fmt: skip
_pieces = st.lists(
    st.one_of(
        st.sampled_from(["--b", "--b--", "", "Content-Type: message/delivery-status", "Content-Type: text/html; charset=utf-7",
                         "Final-Recipient: rfc822", "Action:", "Status: 5.1.1", "<ann@home.example>:", "> x", "On 1/1/2026 a wrote:"]),
        st.text(max_size=40),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(_names, _values), max_size=10), _pieces)
def test_mail_shaped_rubbish(headers: list[tuple[str, str]], lines: list[str]) -> None:
    raw = "\r\n".join([*(f"{name}: {value}" for name, value in headers), "", *lines]).encode("utf-8", "surrogatepass")
    try:
        parsed = parse(raw)
    except BadEmail:
        return
    assert parsed.kind in EmailKind
    parsed.visible_text.encode()


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>/abdivpscript\"'= &;#!-\n"), max_size=200))
def test_any_html_becomes_text(html: str) -> None:
    assert isinstance(parse_html(html), str)
