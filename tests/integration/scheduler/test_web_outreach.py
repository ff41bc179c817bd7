"""Who has only the web chat is written to there: seen at the next visit, or at once; never what has become wrong meanwhile."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from channels.webchat.backend import ChatMessage, Visitor
from channels.webchat.links import LinkSigner
from channels.webchat.live import LiveBackend
from conversation.hub import Hub
from conversation.unseen import expire_unseen
from engagement.campaigns import halt, start
from engagement.optouts import record_opt_out
from engagement.participants import add_contact
from scheduler.sending import queue_due
from tests.harness.permissions import forbid_contact, permit_invitations
from tests.harness.postgres import KEYRING
from tests.integration.scheduler.stage import STUDY, Stage
from tests.integration.scheduler.test_campaign_sending import campaign, go_on

DUE = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
"""When the kit reminder is due: ten in the morning in New York, three days after the kit."""


class Window:
    """A chat window of somebody, on the real backend."""

    def __init__(self, stage: Stage, who: UUID) -> None:
        self.backend = LiveBackend(
            stage.database,
            stage.desk.house,
            stage.desk.outbox,
            Hub(stage.database.dsn),
            LinkSigner("secret", public_url="https://prn.example"),
            rules=stage.desk.rules,
            received=lambda: None,
            queued=lambda: None,
        )
        self.visitor = Visitor(participant_id=who, key=str(who), session="", language="en")

    async def shown(self, after: str = "") -> Sequence[ChatMessage]:
        return await self.backend.history(self.visitor, after)

    async def seen(self, message: ChatMessage) -> None:
        await self.backend.seen(self.visitor, message.id)


async def visitor(stage: Stage, channels: str = "webchat") -> UUID:
    return await stage.person(channels=channels)


async def reminded(stage: Stage, who: UUID) -> None:
    await stage.event(who, "kit_delivered")
    await stage.pass_time(days=3)


async def test_a_reminder_waits_in_the_chat_and_is_sent_and_then_seen(stage: Stage) -> None:
    who = await visitor(stage)
    await reminded(stage, who)
    assert stage.got == []
    assert (await stage.touchpoints(who))[0][:2] == ("kit_reminder 0.0", "sent")
    stage.now += timedelta(hours=5)
    window = Window(stage, who)
    (message,) = await window.shown()
    assert "kit" in message.text
    assert message.at == DUE
    await window.seen(message)
    rows = await stage.rows("select status, reason from message_events order by at, id")
    assert [(row["status"], row["reason"]) for row in rows] == [
        ("queued", None),
        ("sent", "allowed"),
        ("delivered", "seen"),
    ]


async def test_it_is_sent_once_whoever_tries_and_the_next_one_follows(stage: Stage) -> None:
    who = await visitor(stage)
    await reminded(stage, who)
    for _ in range(3):
        await stage.work()
    window = Window(stage, who)
    (message,) = await window.shown()
    await window.seen(message)
    await stage.pass_time(days=4, hours=2)
    assert [(each.at - DUE).days for each in await window.shown()] == [0, 3]  # the clocks were put forward in between


async def test_what_rings_comes_first_and_a_chat_that_they_last_wrote_in_is_not_preferred(stage: Stage) -> None:
    who = await visitor(stage, "webchat sms")
    await stage.execute("update conversations set channel = 'webchat' where participant_id = %s", who)
    await reminded(stage, who)
    assert [got.channel for got in stage.got] == ["sms"]
    assert await Window(stage, who).shown() != []  # the one conversation shows what went by SMS too
    rows = await stage.rows("select channel from messages where participant_id = %s", who)
    assert [row["channel"] for row in rows] == ["sms"]


async def test_a_phone_that_must_wait_for_the_morning_is_waited_for(stage: Stage) -> None:
    ringing, silent = await visitor(stage, "webchat sms"), await visitor(stage)
    for who in (ringing, silent):
        await stage.event(who, "kit_delivered")
    stage.now = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)  # eleven at night there
    await stage.work()
    # Nothing is said at night in the chat either: quiet hours are the same everywhere.
    rows = await stage.rows(
        "select status, reason, due_at from touchpoints where item = 'kit_reminder' and reason <> ''"
    )
    assert {(row["status"], row["reason"]) for row in rows} == {("planned", "quiet_hours")}
    assert len(rows) == 2
    stage.now = rows[0]["due_at"]
    await stage.work()
    assert [got.channel for got in stage.got] == ["sms"]
    assert len(await Window(stage, silent).shown()) == 1


async def test_a_phone_that_fails_for_good_leaves_the_chat(stage: Stage) -> None:
    who = await visitor(stage, "webchat sms")
    for provider in stage.providers.values():
        provider.trouble = "bad"
    await reminded(stage, who)
    assert len(await Window(stage, who).shown()) == 1
    assert (await stage.touchpoints(who))[0][:2] == ("kit_reminder 0.0", "sent")


async def test_what_has_expired_unseen_is_never_shown_and_is_on_record(stage: Stage) -> None:
    who = await visitor(stage)
    await reminded(stage, who)
    stage.now = DUE + timedelta(days=2)
    assert await Window(stage, who).shown() == []
    assert (await stage.touchpoints(who))[0] == ("kit_reminder 0.0", "expired", "expired")


async def test_the_tick_notes_what_nobody_came_to_see(stage: Stage) -> None:
    seen, unseen = await visitor(stage), await visitor(stage)
    for who in (seen, unseen):
        await stage.event(who, "kit_delivered")
    await stage.pass_time(days=3)
    window = Window(stage, seen)
    await window.seen((await window.shown())[0])
    assert await expire_unseen(stage.database, at=stage.now) == 0
    stage.now = DUE + timedelta(days=2)
    assert await expire_unseen(stage.database, at=stage.now) == 1
    assert await expire_unseen(stage.database, at=stage.now) == 0
    assert (await stage.touchpoints(unseen))[0][1:] == ("expired", "expired")
    # What was seen stays where it was seen.
    assert len(await window.shown()) == 1
    assert (await stage.touchpoints(seen))[0][1] == "sent"


@pytest.mark.parametrize(
    ("why", "wanted"),
    [
        ("sample_returned", ("cancelled", "awaited_event")),
        ("withdrawn", ("cancelled", "stage")),
        ("opted_out", ("planned", "opted_out")),
        ("no_permission", ("planned", "no_permission")),
    ],
)
async def test_what_has_become_wrong_meanwhile_is_taken_back(stage: Stage, why: str, wanted: tuple[str, str]) -> None:
    who = await visitor(stage)
    await reminded(stage, who)
    stage.now += timedelta(hours=3)
    if why == "opted_out":
        async with stage.database.begin() as connection:
            await record_opt_out(connection, who, at=stage.now, actor="participant")
    elif why == "no_permission":
        async with stage.database.begin() as connection:
            await forbid_contact(connection, who, study=STUDY, at=stage.now, said_on="webchat")
    else:
        await stage.event(who, why)
    window = Window(stage, who)
    assert await window.shown() == []
    assert (await stage.touchpoints(who))[0][1:] == wanted
    await stage.work()
    assert await window.shown() == []
    assert (await stage.touchpoints(who))[0][1] in ("cancelled", "refused", "failed")


async def test_what_waited_in_the_outbox_is_not_missed_by_a_chat_that_reads_on(stage: Stage) -> None:
    who = await visitor(stage)
    window = Window(stage, who)
    await stage.event(who, "kit_delivered")
    stage.now = DUE
    await stage.plan()
    assert await queue_due(stage.desk, at=stage.now) == 1
    await stage.execute("update messages set available_at = %s", DUE + timedelta(hours=1))
    # Meanwhile they write, and their window has read up to there.
    stage.now = DUE + timedelta(minutes=50)
    row = KEYRING.seal("hello", place="messages.body", row=UUID(int=7))
    await stage.execute(
        "insert into messages (id, direction, channel, participant_id, body, status, created_at, available_at)"
        " values (%s, 'in', 'webchat', %s, %s, 'done', %s, %s)",
        *(UUID(int=7), who, row, stage.now, stage.now),
    )
    assert [message.text for message in await window.shown()] == ["hello"]
    stage.now = DUE + timedelta(hours=1)
    await stage.deliver()
    assert [message.text[:5] for message in await window.shown(str(UUID(int=7)))] == ["hello", "Peren"]


async def test_a_campaign_reaches_the_chat_and_halted_takes_back_what_nobody_has_seen(stage: Stage) -> None:
    people = [await visitor(stage) for _ in range(4)]
    async with stage.database.begin() as connection:
        for who in people:
            await permit_invitations(connection, who, study=STUDY, at=stage.now, said_on="webchat")
    await campaign(stage, channels=("preferred", "sms", "email", "webchat"))
    await go_on(stage, hours=1)
    first = Window(stage, people[0])
    (invitation,) = await first.shown()
    await first.seen(invitation)
    async with stage.database.begin() as connection:
        assert await halt(connection, "next-1", "stop", by="noor", at=stage.now) == 3
    assert [len(await Window(stage, who).shown()) for who in people] == [1, 0, 0, 0]
    async with stage.database.begin() as connection:
        await start(connection, "next-1", by="noor", at=stage.now)
    await go_on(stage, hours=1)
    assert [len(await Window(stage, who).shown()) for who in people] == [1, 1, 1, 1]


async def test_two_browsers_of_one_person_are_one_conversation(stage: Stage) -> None:
    who = await visitor(stage, "webchat webchat")
    async with stage.database.begin() as connection:
        await add_contact(connection, KEYRING, who, "webchat", "another browser", verified_at=stage.now)
    await reminded(stage, who)
    assert len(await Window(stage, who).shown()) == 1
