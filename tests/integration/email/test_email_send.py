"""Sending through a relay that fails in every way a relay can: each failure has one meaning for the outbox."""

import asyncio
import socket
from datetime import UTC, datetime
from email import message_from_bytes, policy
from uuid import UUID

import pytest

from channels.email.addresses import AddressBook
from channels.email.parsed import EmailKind, ParsedEmail
from channels.email.receive import EmailReceiver, ReceivedEnvelope, parse_listen
from channels.email.send import EmailSender, parse_smtp_url
from conversation.errors import FateUnknown, SendFailed
from conversation.messages import ChannelName, OutboundMessage, Sender, SendProblem
from tests.integration.email.scripted_smtp import HANG_UP, SILENCE, scripted_relay

BOOK = AddressBook(domain="talk.example", key=b"k" * 32)
OUTBOX = UUID("0198a1b2-0000-7000-8000-00000000abcd")
AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def message(text: str = "Your kit is on its way.", **attributes: str) -> OutboundMessage:
    return OutboundMessage(
        id=OUTBOX, channel=ChannelName.EMAIL, to="ann@home.example", sender="hello@talk.example", text=text,
        language="en", attributes=attributes,
    )  # fmt: skip


def sender(port: int, *, timeout: float = 5, query: str = "?starttls=0", user: str = "") -> EmailSender:
    relay = parse_smtp_url(f"smtp://{user}127.0.0.1:{port}{query}")
    return EmailSender(relay, addresses=BOOK, timeout=timeout, now=lambda: AT)


async def test_accepted() -> None:
    async with scripted_relay() as relay:
        channel: Sender = sender(relay.port)
        accepted = await channel.send(message(".dots\n.. at the start", subject="Sí"))
    assert accepted.provider_id == f"perennial.{OUTBOX.hex}@talk.example"
    assert relay.commands[1:4] == [f"MAIL FROM:<{BOOK.bounce_address(OUTBOX)}>", "RCPT TO:<ann@home.example>", "DATA"]
    mail = message_from_bytes(relay.mails[0], policy=policy.default)
    part = mail.get_body(("plain",))
    assert part is not None
    assert part.get_content().replace("\r\n", "\n") == ".dots\n.. at the start\n"
    assert (mail["Subject"], mail["Date"]) == ("Sí", "Mon, 23 Nov 2026 14:00:00 +0000")


async def test_a_large_mail_arrives_whole() -> None:
    async with scripted_relay() as relay:
        await sender(relay.port).send(message("a line of words\n" * 60_000))
    part = message_from_bytes(relay.mails[0], policy=policy.default).get_body(("plain",))
    assert part is not None
    assert part.get_content().count("a line of words") == 60_000


REFUSALS = {
    "greeting 421": ({"CONNECT": "421 4.3.2 closing"}, SendProblem.RETRY, "4.3.2"),
    "greeting 554": ({"CONNECT": "554 5.7.1 go away"}, SendProblem.RETRY, "5.7.1"),
    "hang up at once": ({"CONNECT": HANG_UP}, SendProblem.RETRY, "connect"),
    "hang up at MAIL": ({"MAIL": HANG_UP}, SendProblem.RETRY, "lost"),
    "sender refused": ({"MAIL": "553 5.1.8 unknown sender domain"}, SendProblem.REJECTED, "5.1.8"),
    "sender blocked": ({"MAIL": "550 5.7.1 denied"}, SendProblem.BLOCKED, "5.7.1"),
    "sender later": ({"MAIL": "451 4.3.0 later"}, SendProblem.RETRY, "4.3.0"),
    "greylisted": ({"RCPT": "450 4.2.0 greylisted"}, SendProblem.RETRY, "4.2.0"),
    "unknown user": ({"RCPT": "550 5.1.1 no such user"}, SendProblem.BAD_CONTACT, "5.1.1"),
    "unknown user, plain": ({"RCPT": "550 no such user"}, SendProblem.BAD_CONTACT, "550"),
    "moved": ({"RCPT": "551 moved"}, SendProblem.BAD_CONTACT, "551"),
    "bad mailbox name": ({"RCPT": "553 5.1.3 bad name"}, SendProblem.BAD_CONTACT, "5.1.3"),
    "blocked": ({"RCPT": "550 5.7.1 spam"}, SendProblem.BLOCKED, "5.7.1"),
    "full": ({"RCPT": "552 5.2.2 full"}, SendProblem.REJECTED, "5.2.2"),
    "hang up at RCPT": ({"RCPT": HANG_UP}, SendProblem.RETRY, "lost"),
    "DATA later": ({"DATA": "451 4.3.0 later"}, SendProblem.RETRY, "4.3.0"),
    "DATA never": ({"DATA": "554 5.5.1 no"}, SendProblem.REJECTED, "5.5.1"),
    "hang up at DATA": ({"DATA": HANG_UP}, SendProblem.RETRY, "lost"),
    "content refused": ({"END": "554 5.6.0 no such content"}, SendProblem.REJECTED, "5.6.0"),
    "content blocked": ({"END": "550 5.7.26 DMARC"}, SendProblem.BLOCKED, "5.7.26"),
    "content later": ({"END": "452 4.3.1 no room"}, SendProblem.RETRY, "4.3.1"),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_refusals(name: str) -> None:
    replies, problem, code = REFUSALS[name]
    async with scripted_relay(**replies) as relay:
        with pytest.raises(SendFailed) as failed:
            await sender(relay.port).send(message())
    assert (failed.value.problem, failed.value.code) == (problem, code)
    assert "ann@home" not in str(failed.value)


async def test_a_relay_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SendFailed) as failed:
        await sender(port).send(message())
    assert failed.value.retryable


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_silence_before_the_end_of_data_may_be_tried_again(step: str) -> None:
    async with scripted_relay(**{step: SILENCE}) as relay:
        with pytest.raises(SendFailed) as failed:
            await sender(relay.port, timeout=0.2).send(message())
    assert failed.value.problem is SendProblem.RETRY
    assert relay.mails == []


async def test_a_connection_lost_amid_the_mail_may_be_tried_again() -> None:
    async with scripted_relay(BODY=HANG_UP) as relay:
        with pytest.raises(SendFailed) as failed:
            await sender(relay.port).send(message("a line of words\n" * 200_000))
    assert failed.value.problem is SendProblem.RETRY
    assert relay.mails == []


@pytest.mark.parametrize("reply", [HANG_UP, SILENCE, "rubbish"])
async def test_no_answer_after_the_end_of_data_leaves_the_fate_unknown(reply: str) -> None:
    async with scripted_relay(END=reply) as relay:
        with pytest.raises(FateUnknown):
            await sender(relay.port, timeout=0.3).send(message())
    assert len(relay.mails) == 1


@pytest.mark.parametrize("reply", [HANG_UP, "500 what?"])
async def test_nothing_after_the_acceptance_matters(reply: str) -> None:
    async with scripted_relay(QUIT=reply) as relay:
        await sender(relay.port).send(message())
    assert len(relay.mails) == 1


async def test_starttls_that_is_demanded_and_not_offered() -> None:
    async with scripted_relay() as relay:
        with pytest.raises(SendFailed) as failed:
            await sender(relay.port, query="?starttls=1").send(message())
    assert failed.value.problem is SendProblem.RETRY
    assert not any(command.startswith("MAIL") for command in relay.commands)


async def test_refused_credentials_wait_for_better_ones() -> None:
    async with scripted_relay(EHLO="250-relay\r\n250 AUTH PLAIN", AUTH="535 5.7.8 bad credentials") as relay:
        with pytest.raises(SendFailed) as failed:
            await sender(relay.port, user="u:p@").send(message())
    assert (failed.value.problem, failed.value.code) == (SendProblem.RETRY, "5.7.8")


async def test_an_address_that_is_none_never_reaches_the_relay() -> None:
    async with scripted_relay() as relay:
        bad = OutboundMessage(
            id=OUTBOX, channel=ChannelName.EMAIL, to="a\r\nRCPT TO:<eve@x.example>", sender="hello@talk.example",
            text="x", language="en",
        )  # fmt: skip
        with pytest.raises(SendFailed) as failed:
            await sender(relay.port).send(bad)
    assert failed.value.problem is SendProblem.REJECTED
    assert relay.commands == []


async def test_the_same_send_has_the_same_name_twice() -> None:
    async with scripted_relay() as relay:
        first, second = [await sender(relay.port).send(message()) for _ in range(2)]
    assert first == second


async def test_our_receiver_knows_our_own_mail() -> None:
    seen = asyncio.get_running_loop().create_future()

    async def handle(parsed: ParsedEmail, envelope: ReceivedEnvelope) -> None:
        seen.set_result((parsed, envelope))

    receiver = EmailReceiver(listen=parse_listen("smtp://127.0.0.1:0"), handle=handle, addresses=BOOK)
    await receiver.start()
    try:
        out = OutboundMessage(
            id=OUTBOX,
            channel=ChannelName.EMAIL,
            to="hello@talk.example",
            sender="hello@talk.example",
            text="x",
            language="en",
        )
        await sender(receiver.port).send(out)
        parsed, envelope = await seen
    finally:
        await receiver.close()
    assert parsed.kind is EmailKind.LOOP
    assert envelope.mail_from == BOOK.bounce_address(OUTBOX)
