"""Mail: a From line proves nothing, quotes of ours are not theirs, machines are never answered."""

from email.message import EmailMessage
from uuid import UUID

import aiosmtplib
import pytest

from engagement.optouts import silenced_channels
from engagement.participants import find_contact
from service.demo.world import DOMAIN
from tests.conversations.script import Mailbox, Script, plain


async def whose(script: Script, box: Mailbox) -> UUID:
    database = script.service.built.database
    async with database.begin() as connection:
        found = await find_contact(connection, database.keyring, "email", box.address)
    assert found is not None
    return found.participant_id


async def silent(script: Script, box: Mailbox) -> frozenset[str]:
    who = await whose(script, box)
    async with script.service.built.database.begin() as connection:
        return await silenced_channels(connection, who)


async def post(script: Script, raw: bytes, sender: str, to: str = f"hello@{DOMAIN}") -> None:
    host, port = script.place.world.mailbox.receiver
    async with aiosmtplib.SMTP(hostname=host, port=port, start_tls=False, timeout=10) as client:
        await client.sendmail(sender, [to], raw)
    await script.settled()


def raw_mail(box: Mailbox, text: str = "cost?", **headers: str) -> bytes:
    message = EmailMessage()
    fields = {"From": box.address, "To": f"hello@{DOMAIN}", "Subject": "Hi", "Message-ID": f"<{id(message)}@x.example>"}
    for name, value in (fields | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


async def test_a_stranger_is_asked_to_reply_and_then_known(script: Script) -> None:
    box = script.mailbox()
    await box.write("cost?")
    await box.expect("email/unknown_sender")
    await box.say("cost?")
    await box.expect("faq/cost")
    await box.say("hello")
    await box.expect("greet")


async def test_a_stranger_gets_one_answer_a_day(script: Script) -> None:
    box = script.mailbox()
    for _ in range(3):
        await box.write("cost?")
    await box.expect("email/unknown_sender")
    with script.advance(days=1, minutes=1):
        for _ in range(2):
            await box.write("cost?")
        await box.expect("email/unknown_sender")


async def test_a_forged_from_is_nobody(script: Script) -> None:
    """The address of somebody we know, without their reply address."""
    box = script.mailbox()
    await box.confirm()
    who = await whose(script, box)
    await box.write("cost?")
    await box.expect()  # today's one answer to a stranger was the first
    rows = await script.place.rows(
        "select participant_id, identity, outcome from messages where direction = 'in' and channel = 'email'"
        " and identity = 'claimed' order by created_at desc limit 1"
    )
    assert rows == [{"participant_id": None, "identity": "claimed", "outcome": "unknown_sender"}]
    transcript = await script.place.rows(
        "select outcome from messages where participant_id = %s and direction = 'in'", who
    )
    assert [row["outcome"] for row in transcript] == ["answered"]


async def test_another_one_s_reply_address_proves_nothing(script: Script) -> None:
    mine, theirs = script.mailbox(), script.mailbox()
    for box in (mine, theirs):
        await box.confirm()
    token = str(theirs.mails()[-1]["reply_to"])
    await mine.write("STOP", to=token)
    assert await silent(script, theirs) == frozenset()
    assert await silent(script, mine) == {"email"}  # that mailbox alone, and no more of its owner
    await theirs.say("cost?")
    await theirs.expect("faq/cost")


async def test_a_forged_stop_silences_that_mailbox_alone_and_a_forged_start_nothing(script: Script) -> None:
    box = script.mailbox()
    await box.confirm()
    await box.write("STOP")
    assert await silent(script, box) == {"email"}
    await box.write("START")
    assert await silent(script, box) == {"email"}
    await box.news(1)
    await box.say("START")
    await box.expect("optin/confirmed")


async def test_stop_in_what_they_quote_does_not_count(script: Script) -> None:
    box = script.mailbox()
    await box.confirm()
    await box.say("cost?")  # below it stands our own "reply STOP", quoted
    await box.expect("faq/cost")
    assert await silent(script, box) == frozenset()


async def test_our_own_words_quoted_are_no_emergency(script: Script) -> None:
    box = script.mailbox()
    await box.confirm()
    await box.say("person")
    await box.expect_person_coming()
    await box.say("thank you, I will wait")
    await box.expect()
    who = await whose(script, box)
    rows = await script.place.rows("select reason from escalations where participant_id = %s", who)
    assert rows == [{"reason": "asked"}]


async def test_a_cry_for_help_below_the_quote_counts(script: Script) -> None:
    box = script.mailbox()
    await box.confirm()
    newest = box.mails()[-1]
    quoted = "\n".join(f"> {line}" for line in str(newest["text"]).splitlines())
    await script.place.world.mailbox.write(
        sender=box.address,
        to=str(newest["reply_to"]),
        subject="Re: hello",
        text=f"see below\n\nOn Tuesday, you wrote:\n{quoted}\n> I want to kill myself\n",
    )
    await box.expect("safety/crisis")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk", "X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "All", "Subject": "Automatic reply: hello"},
    ],
)
async def test_machines_are_never_answered(script: Script, headers: dict[str, str]) -> None:
    box = script.mailbox()
    await post(script, raw_mail(box, **headers), box.address)
    await box.expect()


async def test_nobody_s_envelope_is_never_answered(script: Script) -> None:
    box = script.mailbox()
    await post(script, raw_mail(box), "")
    await box.expect()


async def test_an_oversized_mail_is_refused_in_the_dialogue(script: Script) -> None:
    box = script.mailbox()
    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await post(script, raw_mail(box, "x" * 70 + "\n" + ("y" * 70 + "\n") * 500_000), box.address)
    assert refused.value.code == 552
    await box.expect()


async def test_mail_for_somebody_else_is_refused(script: Script) -> None:
    box = script.mailbox()
    for address in ("someone@elsewhere.example", f"nobody@{DOMAIN}", f"reply+{'a' * 48}@{DOMAIN}"):
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
            await post(script, raw_mail(box), box.address, to=address)


async def test_html_is_read_as_text_and_never_sent_back(script: Script) -> None:
    box = script.mailbox()
    await box.confirm()
    message = EmailMessage()
    message["From"], message["To"] = box.address, str(box.mails()[-1]["reply_to"])
    message["Subject"], message["Message-ID"] = "<b>Re</b>: x", "<html@x.example>"
    message.set_content("<p>cost?</p><script>alert('cost')</script><style>p{}</style>", subtype="html")
    await post(script, message.as_bytes(), box.address, to=str(message["To"]))
    await box.expect("faq/cost")
    database = script.service.built.database
    who = await whose(script, box)
    rows = await script.place.rows(
        "select id, body from messages where participant_id = %s and direction = 'in' order by created_at desc limit 1",
        who,
    )
    text = database.keyring.open(rows[0]["body"], place="messages.body", row=rows[0]["id"])
    assert plain(text) == "cost?"


async def test_an_answer_threads_and_says_it_is_automatic(script: Script) -> None:
    box = script.mailbox()
    await box.confirm()
    await box.say("cost?")
    sent = [mail.raw.decode() for mail in script.place.world.mailbox.boxes.of(box.address) if mail.direction == "in"][
        -1
    ]
    head = sent.partition("\r\n\r\n")[0]
    for name in ("In-Reply-To:", "References:", "Auto-Submitted:", "List-Unsubscribe:", "Reply-To:"):
        assert name in head, name
