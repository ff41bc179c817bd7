"""STARTTLS at the receiver, with a certificate made here: taken, verified, and no plain word counts inside of it."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import uvloop
from aiosmtplib import SMTP, SMTPException
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.email.addresses import AddressBook
from channels.email.parsed import ParsedEmail
from channels.email.receive import EmailReceiver, ReceivedEnvelope, ReceiverLimits, parse_listen

BOOK = AddressBook(domain="talk.example", key=b"k" * 32)
MAIL = b"From: Ann <ann@home.example>\r\nSubject: Hi\r\nMessage-ID: <1@home.example>\r\n\r\nHow long?\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key; valid for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "talk.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    cert, private = folder / "cert.crt", folder / "private.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, private


@pytest.fixture(scope="module")
def ours(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture(scope="module")
def theirs(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """A sender that verifies who it speaks to."""
    return ssl.create_default_context(cafile=str(certificate[0]))


class Receiving:
    """A receiver that is up, and what it stored."""

    def __init__(self, tls: ssl.SSLContext | None, listen: str) -> None:
        self.stored: list[tuple[ParsedEmail, ReceivedEnvelope]] = []
        self.receiver = EmailReceiver(
            listen=parse_listen(listen), handle=self._store, addresses=BOOK, limits=ReceiverLimits(timeout=5), tls=tls
        )

    async def _store(self, parsed: ParsedEmail, envelope: ReceivedEnvelope) -> None:
        self.stored.append((parsed, envelope))

    async def empty(self) -> None:
        """Until no connection is counted any more."""
        async with asyncio.timeout(5):
            while self.receiver.connections:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None, listen: str = "smtp://127.0.0.1:0") -> AsyncIterator[Receiving]:
    up = Receiving(tls, listen)
    await up.receiver.start()
    try:
        yield up
    finally:
        await up.receiver.close()


def client_of(up: Receiving, context: ssl.SSLContext, *, starttls: bool) -> SMTP:
    return SMTP(
        hostname="127.0.0.1",
        port=up.receiver.port,
        start_tls=starttls,
        tls_context=context,
        local_hostname="home.example",
        timeout=5,
    )


async def send_and_look(ours: ssl.SSLContext, theirs: ssl.SSLContext) -> None:
    """Two mails through one encrypted session; all is freed after it."""
    async with receiving(ours) as up:
        async with client_of(up, theirs, starttls=True) as client:
            assert client.transport is not None
            assert client.transport.get_extra_info("cipher") is not None
            for number in (1, 2):
                await client.sendmail(
                    "ann@home.example", ["hello@talk.example"], MAIL.replace(b"<1@", b"<%d@" % number)
                )
        assert [parsed.message_id for parsed, _ in up.stored] == ["1@home.example", "2@home.example"]
        assert up.stored[0][0].visible_text == "How long?"
        await up.empty()


async def test_a_mail_over_starttls_is_stored(ours: ssl.SSLContext, theirs: ssl.SSLContext) -> None:
    await send_and_look(ours, theirs)


def test_so_it_is_on_the_loop_that_production_runs_on(ours: ssl.SSLContext, theirs: ssl.SSLContext) -> None:
    failed: list[BaseException] = []

    def elsewhere() -> None:
        try:
            uvloop.run(send_and_look(ours, theirs))
        except BaseException as error:  # noqa: BLE001 - raised below, in the test's own thread
            failed.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert failed == []


async def test_plain_mail_is_taken_beside_it(ours: ssl.SSLContext, theirs: ssl.SSLContext) -> None:
    async with receiving(ours) as up, client_of(up, theirs, starttls=False) as client:
        await client.ehlo()
        assert client.supports_extension("starttls")
        await client.sendmail("ann@home.example", ["hello@talk.example"], MAIL)
        assert len(up.stored) == 1


async def test_without_a_certificate_it_is_not_offered(theirs: ssl.SSLContext) -> None:
    async with receiving(None) as up, client_of(up, theirs, starttls=False) as client:
        await client.ehlo()
        assert not client.supports_extension("starttls")
        assert (await client.execute_command(b"STARTTLS")).code in (454, 500, 502)
        await client.sendmail("ann@home.example", ["hello@talk.example"], MAIL)


async def test_who_does_not_trust_the_certificate_leaves_and_the_next_is_served(
    ours: ssl.SSLContext, theirs: ssl.SSLContext
) -> None:
    async with receiving(ours) as up:
        with pytest.raises((SMTPException, ssl.SSLError, OSError)):
            async with client_of(up, ssl.create_default_context(), starttls=True):
                pass
        await up.empty()
        async with client_of(up, theirs, starttls=True) as client:
            await client.sendmail("ann@home.example", ["hello@talk.example"], MAIL)
        assert len(up.stored) == 1


async def test_what_is_said_before_it_does_not_count_within_it(ours: ssl.SSLContext, theirs: ssl.SSLContext) -> None:
    """RFC 3207 section 4.2: both sides forget what was said in the clear, the greeting included."""
    async with receiving(ours) as up, client_of(up, theirs, starttls=False) as client:
        await client.ehlo()
        await client.mail("mallory@home.example")
        await client.rcpt("hello@talk.example")
        await client.starttls(tls_context=theirs)
        assert (await client.execute_command(b"DATA")).code == 503
        await client.ehlo()
        assert (await client.execute_command(b"DATA")).code == 503
        assert not client.supports_extension("starttls")
        assert not client.supports_extension("auth"), "nobody signs in here: a password must not be asked for"
        assert up.stored == []


async def test_commands_slipped_in_behind_starttls_are_thrown_away(
    ours: ssl.SSLContext, theirs: ssl.SSLContext
) -> None:
    """Sent in the clear in one packet with STARTTLS, they must not be carried out as if they had been encrypted."""
    async with receiving(ours) as up:
        reader, writer = await asyncio.open_connection("127.0.0.1", up.receiver.port)
        await reader.readline()
        writer.write(b"EHLO x\r\n")
        await reader.readuntil(b"250 ")
        await reader.readline()
        slipped = b"EHLO x\r\nMAIL FROM:<mallory@home.example>\r\nRCPT TO:<hello@talk.example>\r\n"
        writer.write(b"STARTTLS\r\n" + slipped)
        assert (await reader.readline()).startswith(b"220")
        await asyncio.wait_for(writer.start_tls(theirs, server_hostname="127.0.0.1"), 5)
        writer.write(b"EHLO x\r\nDATA\r\n")
        answer = await asyncio.wait_for(reader.readuntil(b"503 "), 5)
        writer.close()
        assert answer.count(b"250 ") == 1, "one greeting was answered, the one within"
        assert b"354" not in answer
        assert up.stored == []


async def test_rubbish_instead_of_a_handshake_harms_nobody(ours: ssl.SSLContext, theirs: ssl.SSLContext) -> None:
    async with receiving(ours) as up:
        reader, writer = await asyncio.open_connection("127.0.0.1", up.receiver.port)
        writer.write(b"EHLO x\r\n")
        await reader.readuntil(b"250 ")
        writer.write(b"STARTTLS\r\n")
        await reader.readuntil(b"220 ")
        writer.write(b"\x00\xff no handshake at all\r\n" * 50)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await asyncio.wait_for(reader.readexactly(1_000_000), 10)
        writer.close()
        await up.empty()
        async with client_of(up, theirs, starttls=True) as client:
            await client.sendmail("ann@home.example", ["hello@talk.example"], MAIL)
        assert len(up.stored) == 1


async def test_lmtp_speaks_it_too(ours: ssl.SSLContext, theirs: ssl.SSLContext) -> None:
    async with receiving(ours, "lmtp://127.0.0.1:0") as up:
        reader, writer = await asyncio.open_connection("127.0.0.1", up.receiver.port)
        writer.write(b"LHLO relay\r\n")
        assert b"STARTTLS" in await reader.readuntil(b"250 ")
        await reader.readline()
        writer.write(b"STARTTLS\r\n")
        assert (await reader.readline()).startswith(b"220")
        await writer.start_tls(theirs, server_hostname="127.0.0.1")
        writer.write(b"LHLO relay\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<hello@talk.example>\r\nDATA\r\n")
        await reader.readuntil(b"354 ")
        await reader.readline()
        writer.write(MAIL + b".\r\nQUIT\r\n")
        assert (await reader.readline()).startswith(b"250")
        writer.close()
        assert len(up.stored) == 1
