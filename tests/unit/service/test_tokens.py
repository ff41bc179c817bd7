"""The web chat's signed tokens, and what counts as a phone or mailbox."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from itsdangerous import URLSafeTimedSerializer

from channels.webchat.links import LINK_LIFETIME_S, LinkSigner, read_identity
from engagement.contact import parse_contact

SIGNER = LinkSigner("a secret", public_url="https://chat.example.org/")
OTHER = LinkSigner("another secret", public_url="https://chat.example.org")
WHO = UUID("0192f0c1-2d3e-7abc-8def-0123456789ab")
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SITE_SECRET = "s" * 32


def last_part(url: str) -> str:
    return url.rpartition("/")[2]


def a_link(signer: LinkSigner) -> str:
    return last_part(signer.continue_url(WHO))


def a_session(signer: LinkSigner) -> str:
    return signer.session(WHO)


def an_unsubscribe(signer: LinkSigner) -> str:
    return last_part(signer.unsubscribe_url(WHO))


def a_document(signer: LinkSigner) -> str:
    return last_part(signer.document_url(WHO))


KINDS: dict[str, tuple[Callable[[LinkSigner], str], Callable[[LinkSigner, str], UUID | None]]] = {
    "link": (a_link, LinkSigner.read_link),
    "session": (a_session, LinkSigner.read_session),
    "unsubscribe": (an_unsubscribe, LinkSigner.read_unsubscribe),
    "document": (a_document, LinkSigner.read_document),
}


@pytest.mark.parametrize("made", KINDS)
@pytest.mark.parametrize("read", KINDS)
def test_a_token_is_read_as_what_it_was_made_for_and_as_nothing_else(made: str, read: str) -> None:
    token = KINDS[made][0](SIGNER)
    assert KINDS[read][1](SIGNER, token) == (WHO if made == read else None)


@pytest.mark.parametrize("kind", KINDS)
def test_who_lacks_the_secret_makes_none(kind: str) -> None:
    make, read = KINDS[kind]
    assert read(SIGNER, make(OTHER)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_no_altered_token_counts(kind: str) -> None:
    make, read = KINDS[kind]
    token = make(SIGNER)
    for at in range(len(token) - 1):  # the last letter of unpadded base64 holds bits that mean nothing
        altered = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert read(SIGNER, altered) is None, at
    for rubbish in ("", ".", "a.b.c", "ÿ", "\0", token * 2, token[:-5]):
        assert read(SIGNER, rubbish) is None


def test_urls() -> None:
    assert SIGNER.continue_url(WHO).startswith("https://chat.example.org/chat/c/")
    assert SIGNER.unsubscribe_url(WHO).startswith("https://chat.example.org/email/unsubscribe/")
    assert SIGNER.document_url(WHO).startswith("https://chat.example.org/consent/")


def test_links_end_the_others_do_not() -> None:
    with time_machine.travel(AT, tick=False):
        tokens = {kind: make(SIGNER) for kind, (make, _) in KINDS.items()}
    with time_machine.travel(AT + timedelta(seconds=LINK_LIFETIME_S), tick=False):
        assert SIGNER.read_link(tokens["link"]) == WHO
        assert SIGNER.read_document(tokens["document"]) == WHO
    with time_machine.travel(AT + timedelta(seconds=LINK_LIFETIME_S + 1), tick=False):
        assert SIGNER.read_link(tokens["link"]) is None
        assert SIGNER.read_document(tokens["document"]) is None
    with time_machine.travel(AT + timedelta(days=900), tick=False):
        assert SIGNER.read_session(tokens["session"]) == WHO
        assert SIGNER.read_unsubscribe(tokens["unsubscribe"]) == WHO


def identity(secret: str = SITE_SECRET, name: str = "visitor-7", salt: str = "webchat identity") -> str:
    return str(URLSafeTimedSerializer(secret, salt=salt).dumps(name))


def test_a_site_vouches_for_its_visitor() -> None:
    assert read_identity(identity(), secret=SITE_SECRET) == "visitor-7"


@pytest.mark.parametrize("token", ["", "x", identity(secret="t" * 32), identity(salt="webchat link")])
def test_a_forged_identity_is_nobody(token: str) -> None:
    assert read_identity(token, secret=SITE_SECRET) is None


def test_an_identity_lasts_a_day_and_is_bounded() -> None:
    with time_machine.travel(AT, tick=False):
        token = identity(name="x" * 500)
    with time_machine.travel(AT + timedelta(hours=23), tick=False):
        assert read_identity(token, secret=SITE_SECRET) == "x" * 200
    with time_machine.travel(AT + timedelta(hours=25), tick=False):
        assert read_identity(token, secret=SITE_SECRET) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("+1 202-555-0110", ("sms", "+12025550110")),
        ("(202) 555-0110", ("sms", "+12025550110")),
        ("202.555.0110", ("sms", "+12025550110")),
        (" 2025550110\n", ("sms", "+12025550110")),
        ("+34 612 34 56 78", ("sms", "+34612345678")),
        ("Sam@Mailbox.Example", ("email", "sam@mailbox.example")),
        ("  sam.rivera+x@mail.mailbox.example ", ("email", "sam.rivera+x@mail.mailbox.example")),
        ("", None),
        ("hello", None),
        ("12", None),
        ("+", None),
        ("+1202555011012345678", None),
        ("sam@mailbox", None),
        ("@mailbox.example", None),
        ("sam rivera@mailbox.example", None),
        ("<sam@mailbox.example>", None),
        ("a@b.example,c@d.example", None),
        ("sam@mailbox.example\r\nBcc: x@y.example", None),
        ("x" * 250 + "@mailbox.example", None),
        ("+1 202-555-0110 or sam", None),
    ],
)
def test_parse_contact(typed: str, meant: tuple[str, str] | None) -> None:
    assert parse_contact(typed) == meant
