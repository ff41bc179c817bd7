"""`kill -9` of the service around a mail: 250 means answered once; what only the relay knows is `unknown`, never repeated."""

import signal
from email.message import EmailMessage
from email.policy import SMTP

import aiosmtplib
import pytest

from channels.email.message_id import make_message_id
from service.demo.world import DOMAIN
from tests.chaos.crowd import ANSWERS
from tests.harness.fake_bot import FakeBot
from tests.harness.kill_points import MAIL_POINTS
from tests.harness.place import Place, until
from tests.harness.service_process import ServiceProcess

ADDRESS = "robin@mailbox.example"
COST, THANKS = "How much does the test cost?", "Thank you very much"
BEFORE_250 = ("mail_before_storing", "mail_stored_not_acknowledged")
AT_THE_RELAY = {"mail_before_relay": 0, "mail_relay_accepted": 1}
"""Where a kill leaves a send whose fate only the relay knows, and how many mails of it the relay has."""

ONLY_DIALOGUE = ("mail_while_rasa_thinks", "mail_after_final_commit")
"""Points that a stranger's first mail does not pass: it is answered without the bot."""


async def mail(place: Place, text: str, *, to: str, name: str) -> bool:
    """One attempt to deliver a mail, as a relay does; True for 250. The same `name` is the same mail again."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = ADDRESS, to, "A question"
    message["Message-ID"] = f"<{name}@mailbox.example>"
    message.set_content(text)
    try:
        await aiosmtplib.send(
            message, sender=ADDRESS, hostname="127.0.0.1", port=place.ports.smtp_in, start_tls=False, timeout=10
        )
    except (aiosmtplib.SMTPException, OSError):
        return False
    return True


async def come_to_know(place: Place) -> str:
    """A stranger writes and is asked to reply; the address they reply to proves them."""
    assert await mail(place, "Hello", to=f"hello@{DOMAIN}", name="first")
    await until(lambda: arrived(place))
    return str(arrived(place)[0]["reply_to"])


def arrived(place: Place) -> list[dict[str, object]]:
    """What is in the mailbox, oldest first."""
    return [one.shown() for one in place.world.mailbox.boxes.of(ADDRESS) if one.direction == "in"]


async def said(place: Place) -> list[tuple[str, str, int]]:
    """Each thing that was said: its content key, its status, how often it is in the mailbox."""
    rows = await place.rows("select id, content_keys, status from messages where direction = 'out' order by id")
    names = [str(one["message_id"]).strip("<>") for one in arrived(place)]
    assert set(names) <= {make_message_id(row["id"], DOMAIN) for row in rows}, "a mail that nothing accounts for"
    return [(row["content_keys"], row["status"], names.count(make_message_id(row["id"], DOMAIN))) for row in rows]


@pytest.mark.parametrize("point", [point for point in MAIL_POINTS if point not in AT_THE_RELAY])
async def test_killed_once(place: Place, fake_bot: FakeBot, point: str) -> None:
    fake_bot.answers = dict(ANSWERS)
    fake_bot.delay = 0.8 if point == "mail_while_rasa_thinks" else 0.0
    async with ServiceProcess(place, kill_at=f"{point}:{1 if point in ONLY_DIALOGUE else 2}") as service:
        await service.up()
        to = await come_to_know(place)
        taken = await mail(place, COST, to=to, name="second")
        assert taken is (point not in BEFORE_250)
        assert await service.dead() == -signal.SIGKILL
    async with ServiceProcess(place) as service:
        await service.up()
        if not taken:
            # The relay that was given no 250 has the mail still, and tries again.
            assert await mail(place, COST, to=to, name="second")
        assert await mail(place, THANKS, to=to, name="third")
        await place.idle()
        await until(lambda: len(arrived(place)) >= 3)
        assert await said(place) == [
            ("email/unknown_sender", "sent", 1),
            ("faq/cost", "sent", 1),
            ("thank", "sent", 1),
        ]
    stored = await place.rows("select provider_id from messages where direction = 'in'")
    assert len(stored) == 3


@pytest.mark.parametrize("point", AT_THE_RELAY)
async def test_killed_around_the_relay(place: Place, fake_bot: FakeBot, point: str) -> None:
    fake_bot.answers = dict(ANSWERS)
    mails = AT_THE_RELAY[point]
    async with ServiceProcess(place, kill_at=f"{point}:2") as service:
        await service.up()
        to = await come_to_know(place)
        assert await mail(place, COST, to=to, name="second")
        assert await service.dead() == -signal.SIGKILL
    async with ServiceProcess(place, abandoned_s=2) as service:
        await service.up()
        await place.idle()
        assert (await said(place))[1] == ("faq/cost", "unknown", mails)
        # The sender's relay delivers the mail once more; whoever writes again is answered. Neither sends it again.
        assert await mail(place, COST, to=to, name="second")
        assert await mail(place, THANKS, to=to, name="third")
        await place.idle()
        await until(lambda: len(arrived(place)) >= 2 + mails)
        assert await said(place) == [
            ("email/unknown_sender", "sent", 1),
            ("faq/cost", "unknown", mails),
            ("thank", "sent", 1),
        ]


async def test_the_relay_s_bounce_settles_what_was_unknown(place: Place, fake_bot: FakeBot) -> None:
    fake_bot.answers = dict(ANSWERS)
    async with ServiceProcess(place, kill_at="mail_relay_accepted:2") as service:
        await service.up()
        to = await come_to_know(place)
        assert await mail(place, COST, to=to, name="second")
        assert await service.dead() == -signal.SIGKILL
    async with ServiceProcess(place, abandoned_s=2) as service:
        await service.up()
        await place.idle()
        assert (await said(place))[1] == ("faq/cost", "unknown", 1)
        await bounce(place)
        await until(lambda: _failed(place))
    assert (await said(place))[1] == ("faq/cost", "failed", 1)


async def _failed(place: Place) -> bool:
    return bool(await place.rows("select 1 from messages where status = 'failed'"))


async def bounce(place: Place) -> None:
    """A delivery report (RFC 3464) on the newest mail, which it names by its Message-ID: the relay could not deliver."""
    report = (
        f"From: MAILER-DAEMON@mailbox.example\r\nTo: hello@{DOMAIN}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        "Message-ID: <bounce@mailbox.example>\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNo such mailbox.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mailbox.example\r\n\r\n"
        f"Final-Recipient: rfc822; {ADDRESS}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {arrived(place)[-1]['message_id']}\r\n\r\n--b--\r\n"
    )
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=place.ports.smtp_in, start_tls=False) as client:
        await client.sendmail("", [f"hello@{DOMAIN}"], report)
