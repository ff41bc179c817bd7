"""The receiver over real sockets: what it takes, what it refuses and when, and that 250 means stored."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from aiosmtplib import SMTP, SMTPDataError, SMTPRecipientRefused, SMTPResponseException, SMTPSenderRefused

from channels.email.addresses import AddressBook
from channels.email.parsed import EmailKind, ParsedEmail
from channels.email.receive import EmailReceiver, ReceivedEnvelope, ReceiverLimits, parse_listen

BOOK = AddressBook(domain="talk.example", key=b"k" * 32)
ANN = UUID("0198a1b2-0000-7000-8000-000000000001")
MAIL = (
    b"From: Ann <ann@home.example>\r\nSubject: Hi\r\nMessage-ID: <1@home.example>\r\n\r\n"
    b"How long?\r\n.\r\n..two dots\r\n"
)
Stored = list[tuple[ParsedEmail, ReceivedEnvelope]]


@asynccontextmanager
async def receiving(
    handle: Callable[[ParsedEmail, ReceivedEnvelope], Awaitable[None]] | None = None,
    *,
    listen: str = "smtp://127.0.0.1:0",
    limits: ReceiverLimits | None = None,
) -> AsyncIterator[tuple[EmailReceiver, Stored]]:
    stored: Stored = []

    async def store(parsed: ParsedEmail, envelope: ReceivedEnvelope) -> None:
        stored.append((parsed, envelope))

    receiver = EmailReceiver(
        listen=parse_listen(listen), handle=handle or store, addresses=BOOK, limits=limits or ReceiverLimits(timeout=5)
    )
    await receiver.start()
    try:
        yield receiver, stored
    finally:
        await receiver.close()


@asynccontextmanager
async def connected(receiver: EmailReceiver) -> AsyncIterator[SMTP]:
    client = SMTP(hostname="127.0.0.1", port=receiver.port, start_tls=False, local_hostname="home.example", timeout=10)
    await client.connect()
    try:
        yield client
    finally:
        client.close()


async def test_a_mail_is_parsed_and_stored() -> None:
    async with receiving() as (receiver, stored), connected(receiver) as client:
        to = BOOK.reply_address(ANN)
        assert (await client.sendmail("ann@home.example", [to], MAIL))[1].startswith("2.0.0")
        ((parsed, envelope),) = stored
        assert (parsed.kind, parsed.visible_text) == (EmailKind.MESSAGE, "How long?\n.\n..two dots")
        assert (envelope.mail_from, envelope.rcpt_tos) == ("ann@home.example", (to,))
        assert parsed.reply_tokens == (to.partition("+")[2].partition("@")[0],)


async def test_the_null_sender_is_taken_and_is_automatic() -> None:
    async with receiving() as (receiver, stored), connected(receiver) as client:
        await client.sendmail("", [BOOK.bounce_address(ANN)], MAIL)
        assert stored[0][1].mail_from == ""
        assert stored[0][0].kind is EmailKind.AUTO_REPLY


@pytest.mark.parametrize("to", ["hello@talk.example", "HELLO+x@TALK.example", "postmaster@talk.example"])
async def test_known_recipients(to: str) -> None:
    async with receiving() as (receiver, stored), connected(receiver) as client:
        await client.sendmail("ann@home.example", [to], MAIL)
        assert len(stored) == 1


@pytest.mark.parametrize(
    "to", ["nobody@talk.example", "hello@other.example", f"reply+{'a' * 48}@talk.example", "reply@talk.example"]
)
async def test_unknown_recipients_are_refused(to: str) -> None:
    async with receiving() as (receiver, stored), connected(receiver) as client:
        await client.mail("ann@home.example")
        with pytest.raises(SMTPRecipientRefused) as refused:
            await client.rcpt(to)
        assert refused.value.code == 550
        assert stored == []


async def test_a_size_declared_too_large_is_refused_before_the_data() -> None:
    async with receiving(limits=ReceiverLimits(size=1_000, timeout=5)) as (receiver, _), connected(receiver) as client:
        await client.ehlo()
        assert client.esmtp_extensions["size"] == "1000"
        with pytest.raises(SMTPSenderRefused) as refused:
            await client.mail("ann@home.example", options=["SIZE=1001"])
        assert refused.value.code == 552


async def test_a_size_not_declared_is_refused_after_the_data_and_the_session_goes_on() -> None:
    async with (
        receiving(limits=ReceiverLimits(size=1_000, timeout=5)) as (receiver, stored),
        connected(receiver) as client,
    ):
        await client.ehlo()
        await client.mail("ann@home.example")
        await client.rcpt("hello@talk.example")
        with pytest.raises(SMTPDataError) as refused:
            await client.data(MAIL + b"x" * 2_000)
        assert refused.value.code == 552
        await client.sendmail("ann@home.example", ["hello@talk.example"], MAIL)
        assert len(stored) == 1


async def test_451_when_it_could_not_be_stored_and_250_when_it_is_sent_again() -> None:
    attempts: list[str] = []

    async def handle(parsed: ParsedEmail, envelope: ReceivedEnvelope) -> None:
        attempts.append(parsed.message_id)
        if len(attempts) == 1:
            raise ConnectionError("the database is away; the text was How long?")

    async with receiving(handle) as (receiver, _), connected(receiver) as client:
        with pytest.raises(SMTPDataError) as refused:
            await client.sendmail("ann@home.example", ["hello@talk.example"], MAIL)
        assert (refused.value.code, "database" in refused.value.message) == (451, False)
        await client.sendmail("ann@home.example", ["hello@talk.example"], MAIL)
        assert attempts == ["1@home.example", "1@home.example"]


async def test_no_250_before_it_is_stored() -> None:
    release, reached = asyncio.Event(), asyncio.Event()

    async def handle(parsed: ParsedEmail, envelope: ReceivedEnvelope) -> None:
        reached.set()
        await release.wait()

    async with receiving(handle) as (receiver, _), connected(receiver) as client:
        sending = asyncio.ensure_future(client.sendmail("ann@home.example", ["hello@talk.example"], MAIL))
        await reached.wait()
        assert not sending.done()
        release.set()
        await sending


async def test_unreadable_mail_is_refused_for_good() -> None:
    bomb = b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 500
    async with receiving() as (receiver, stored), connected(receiver) as client:
        with pytest.raises(SMTPDataError) as refused:
            await client.sendmail("ann@home.example", ["hello@talk.example"], bomb)
        assert refused.value.code == 554
        assert stored == []


async def test_too_many_connections_are_turned_away_and_places_are_freed() -> None:
    async with receiving(limits=ReceiverLimits(connections=1, timeout=5)) as (receiver, stored):
        async with connected(receiver):
            with pytest.raises(SMTPResponseException) as refused:
                async with connected(receiver):
                    pass
            assert refused.value.code == 421
        while receiver.connections:
            await asyncio.sleep(0.01)
        async with connected(receiver) as client:
            await client.sendmail("ann@home.example", ["hello@talk.example"], MAIL)
        assert len(stored) == 1


async def test_too_many_commands_end_the_session() -> None:
    async with receiving(limits=ReceiverLimits(commands=3, timeout=5)) as (receiver, _), connected(receiver) as client:
        for _ in range(3):
            await client.noop()
        with pytest.raises(SMTPResponseException) as refused:
            await client.noop()
        assert refused.value.code == 421


async def test_a_silent_client_is_dropped() -> None:
    async with receiving(limits=ReceiverLimits(timeout=0.2)) as (receiver, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        assert (await reader.readline()).startswith(b"220 ")
        assert await reader.read() == b""
        writer.close()


async def test_a_client_that_leaves_amid_the_data_stores_nothing() -> None:
    async with receiving() as (receiver, stored):
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        writer.write(
            b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<hello@talk.example>\r\nDATA\r\nSubject: hi\r\n\r\nhal"
        )
        await reader.readuntil(b"354 ")
        writer.close()
        while receiver.connections:
            await asyncio.sleep(0.01)
        assert stored == []


async def test_binary_rubbish_does_not_stop_the_server() -> None:
    async with receiving() as (receiver, stored):
        for rubbish in (b"\x00\xff" * 500 + b"\r\n", b"A" * 100_000 + b"\r\n", b"\r\n" * 20):
            _, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
            writer.write(rubbish)
            await writer.drain()
            writer.close()
        async with connected(receiver) as client:
            await client.sendmail("ann@home.example", ["hello@talk.example"], MAIL)
        assert len(stored) == 1


async def test_a_line_longer_than_the_standard_allows_is_taken() -> None:
    async with receiving() as (receiver, stored), connected(receiver) as client:
        await client.sendmail("ann@home.example", ["hello@talk.example"], b"From: a@b.example\r\n\r\n" + b"a" * 20_000)
        assert len(stored[0][0].visible_text) == 20_000


async def test_lmtp_answers_once_for_each_recipient() -> None:
    async with receiving(listen="lmtp://127.0.0.1:0") as (receiver, stored):
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        writer.write(
            b"LHLO relay\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<hello@talk.example>\r\n"
            b"RCPT TO:<nobody@talk.example>\r\n"
            b"RCPT TO:<postmaster@talk.example>\r\nDATA\r\n"
        )
        await reader.readuntil(b"354 ")
        await reader.readline()
        writer.write(MAIL.replace(b"\r\n.", b"\r\n..") + b".\r\nQUIT\r\n")
        answer = await reader.read()
        writer.close()
        assert [line[:3] for line in answer.split(b"\r\n") if line] == [b"250", b"250", b"221"]
        assert stored[0][1].rcpt_tos == ("hello@talk.example", "postmaster@talk.example")


async def test_nothing_of_the_mail_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(parsed: ParsedEmail, envelope: ReceivedEnvelope) -> None:
        raise ValueError(parsed.visible_text)

    with caplog.at_level("DEBUG"):
        async with receiving(handle) as (receiver, _), connected(receiver) as client:
            with pytest.raises(SMTPDataError):
                await client.sendmail("ann@home.example", ["hello@talk.example"], MAIL)
    ours = "\n".join(record.getMessage() for record in caplog.records)
    assert "not stored: ValueError" in ours
    assert "home.example" not in ours
    assert "How long" not in ours


@pytest.mark.parametrize("listen", ["", "http://x:1", "smtp://127.0.0.1", "lmtp://:1"])
def test_listen_addresses_that_are_none(listen: str) -> None:
    with pytest.raises(ValueError, match="EMAIL_LISTEN"):
        parse_listen(listen)


def test_the_clock_is_aware() -> None:
    receiver = EmailReceiver(listen=parse_listen("127.0.0.1:2525"), handle=lambda *_: asyncio.sleep(0), addresses=BOOK)
    assert abs((receiver.now() - datetime.now(UTC)).total_seconds()) < 60
