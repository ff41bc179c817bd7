"""A file queued with a message reaches the mailbox as it was, sealed on its way; queued again it is not there twice."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from conversation.messages import Attachment
from conversation.outbox import Addressee
from conversation.say import Say
from engagement import clock
from engagement.participants import find_contact
from tests.conversations.script import Script
from tests.harness.place import until

FILE = Attachment(name="document.pdf", media_type="application/pdf", content=b"%PDF-1.7 seen only by whom it is for")


async def queue(script: Script, to: Addressee, key: str) -> None:
    built = script.service.built
    async with built.database.begin() as connection:
        await built.outbox.queue(
            connection, [Say(key="greet")], to=to, key=key, cause_id=None, at=clock.now(), attachments=[FILE]
        )
    built.workers.ring_queued()
    await script.settled()


async def addressee(script: Script, channel: str, value: str) -> Addressee:
    database = script.service.built.database
    async with database.begin() as connection:
        found = await find_contact(connection, database.keyring, channel, value)
    assert found is not None
    return Addressee(
        participant_id=found.participant_id,
        contact_point_id=found.id,
        channel=channel,
        language="en",
        study=script.house.default_study,
        our_address="",
    )


async def test_by_mail(script: Script) -> None:
    box = script.mailbox()
    await box.confirm()
    to = await addressee(script, "email", box.address)
    for _ in range(2):
        await queue(script, to, f"file:{box.address}")
    await box.expect("greet")
    await until(lambda: len(box.mails()) == 3)
    raw = script.place.world.mailbox.boxes.of(box.address)[-1].raw
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_payload(decode=True)) == (FILE.name, FILE.content)
    kept = await script.place.rows(
        "select content from attachments join messages on messages.id = message_id where participant_id = %s",
        to.participant_id,
    )
    assert len(kept) == 1
    assert b"PDF" not in kept[0]["content"]


async def test_a_text_message_carries_none(script: Script) -> None:
    phone = script.phone()
    await phone.say("hello")
    await phone.expect("greet")
    await queue(script, await addressee(script, "sms", phone.number), f"file:{phone.number}")
    await phone.expect("greet")
