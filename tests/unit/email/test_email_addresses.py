"""Signed addresses: made, read, mangled, forged; and who a mail is from, which only they can say."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.addresses import AddressBook, Purpose
from channels.email.inbound import failed_send, participant_of, to_inbound
from channels.email.message_id import make_message_id, read_message_id
from channels.email.parse import parse_email
from channels.email.parsed import ParsedEmail
from conversation.messages import ChannelName

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
BOOK = AddressBook(domain="talk.example", key=b"k" * 32)
OTHER = AddressBook(domain="talk.example", key=b"o" * 32)
ANN = UUID("0198a1b2-0000-7000-8000-000000000001")
BOB = UUID("0198a1b2-0000-7000-8000-000000000002")


@given(st.uuids())
def test_what_is_made_is_read(name: UUID) -> None:
    for address, purpose in (
        (BOOK.reply_address(name), Purpose.REPLY),
        (BOOK.unsubscribe_address(name), Purpose.UNSUBSCRIBE),
        (BOOK.bounce_address(name), Purpose.BOUNCE),
    ):
        assert BOOK.read(address, purpose) == name
        assert BOOK.read(address.upper(), purpose) == name
        assert len(address.partition("@")[0]) <= 64


def test_a_purpose_is_not_another() -> None:
    assert BOOK.read(BOOK.unsubscribe_address(ANN), Purpose.REPLY) is None
    assert BOOK.read(BOOK.unsubscribe_address(ANN).replace("unsubscribe", "reply"), Purpose.REPLY) is None


@pytest.mark.parametrize("at", range(6, 54))
def test_any_changed_letter_spoils_it(at: int) -> None:
    address = BOOK.reply_address(ANN)
    changed = address[:at] + ("a" if address[at] != "a" else "b") + address[at + 1 :]
    assert BOOK.read(changed, Purpose.REPLY) is None


FORGED = ["", "reply@talk.example", "reply+@talk.example", "reply+x@talk.example", f"reply+{'a' * 48}@talk.example",
          f"reply+{'é' * 48}@talk.example", f"reply+{'1' * 48}@talk.example", f"reply+{'=' * 48}@talk.example",
          BOOK.reply_address(ANN).replace("talk", "evil"), OTHER.reply_address(ANN)]  # fmt: skip


@pytest.mark.parametrize("address", FORGED)
def test_forged(address: str) -> None:
    assert BOOK.read(address, Purpose.REPLY) is None


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        AddressBook(domain="talk.example", key=b"short")


def test_the_key_is_not_shown() -> None:
    assert "kkkk" not in repr(BOOK)


def test_message_ids_name_the_send() -> None:
    name = make_message_id(ANN, "Talk.example")
    assert read_message_id(f"<{name}>", "talk.example") == ANN
    assert read_message_id(name, "evil.example") is None
    assert read_message_id("x@talk.example") is None


def received(*to: str, head: str = "", body: str = "How long?", sender: str = "ann@home.example") -> ParsedEmail:
    raw = f"From: {sender}\r\nTo: {', '.join(to)}\r\nMessage-ID: <1@h.example>\r\n{head}\r\n{body}".encode()
    return parse_email(raw, received_at=AT, envelope_to=to, own_domain="talk.example")


def test_a_signed_address_names_the_participant() -> None:
    message = to_inbound(received(BOOK.reply_address(ANN)), addresses=BOOK)
    assert (message.participant_id, message.channel, message.provider_id) == (ANN, ChannelName.EMAIL, "1@h.example")
    assert (message.sender, message.text) == ("ann@home.example", "How long?")


def test_from_alone_names_nobody() -> None:
    assert to_inbound(received("hello@talk.example"), addresses=BOOK).participant_id is None
    assert to_inbound(received(OTHER.reply_address(ANN)), addresses=BOOK).participant_id is None


def test_two_names_are_none() -> None:
    assert participant_of(received(BOOK.reply_address(ANN), BOOK.reply_address(BOB)), addresses=BOOK) is None
    assert participant_of(received(BOOK.reply_address(ANN), OTHER.reply_address(BOB)), addresses=BOOK) == ANN


def test_a_bare_subject_speaks_unless_it_is_ours() -> None:
    question = received("hello@talk.example", head="Subject: What does it cost?\r\n", body="")
    assert to_inbound(question, addresses=BOOK).text == "What does it cost?"
    answer = received("hello@talk.example", head="Subject: Re: Reply STOP to stop\r\n", body="")
    assert to_inbound(answer, addresses=BOOK).text == ""


def test_crisis_words_in_subject_and_quote_are_in_the_full_text() -> None:
    message = to_inbound(
        received("hello@talk.example", head="Subject: help me\r\n", body="> I want to die\n"), addresses=BOOK
    )
    assert "help me" in message.full_text
    assert "I want to die" in message.full_text


def test_references_are_those_of_the_answer() -> None:
    head = "In-Reply-To: <b@x>\r\nReferences: <a@x> <b@x>\r\n"
    message = to_inbound(received("hello@talk.example", head=head), addresses=BOOK)
    assert message.attributes["references"] == "<a@x> <b@x> <1@h.example>"


def test_unsubscribing_by_mail_is_an_opt_out_of_a_known_participant() -> None:
    message = to_inbound(received(BOOK.unsubscribe_address(ANN), body=""), addresses=BOOK)
    assert (message.participant_id, message.attributes["opt_out"]) == (ANN, "yes")


def test_an_automatic_mail_is_no_message() -> None:
    with pytest.raises(ValueError, match="auto_reply"):
        to_inbound(received("hello@talk.example", head="Auto-Submitted: auto-replied\r\n"), addresses=BOOK)


def test_a_bounce_names_its_send_by_the_address_it_came_to() -> None:
    bounce = received(BOOK.bounce_address(ANN), head="Subject: failure notice\r\n", sender="mailer-daemon@home.example")
    assert failed_send(bounce, addresses=BOOK) == ANN
    assert failed_send(received(OTHER.bounce_address(ANN), sender="mailer-daemon@h.example"), addresses=BOOK) is None
