"""Status runs forward only, whatever order the provider's callbacks come in."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from conversation.messages import RANK, ChannelName, DeliveryStatus, SendProblem, StatusUpdate
from conversation.status import record_status
from engagement.optouts import silenced_channels
from engagement.participants import add_contact, add_participant
from storage.database import Database
from storage.ids import new_id
from storage.tables import contact_points, message_events, messages
from tests.harness.postgres import KEYRING

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STUDY = "parkinson-lrrk2-gba1"
NEWS = (DeliveryStatus.SENDING, DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, KEYRING, pool_size=4)
    yield made
    await made.close()


async def queued(database: Database, number: str = "+12025550110", provider_id: str | None = None) -> tuple[UUID, UUID]:
    """A message just handed to the provider, and its contact point."""
    async with database.begin() as connection:
        who = await add_participant(connection, language="en", study_slug=STUDY, at=AT)
        contact = await add_contact(connection, KEYRING, who, "sms", number, verified_at=AT)
        row = new_id()
        await connection.execute(
            insert(messages).values(
                id=row,
                direction="out",
                channel="sms",
                participant_id=who,
                contact_point_id=contact.id,
                body=b"",
                status="sending",
                provider_id=provider_id,
                created_at=AT,
                available_at=AT,
            )
        )
    return row, contact.id


async def told(database: Database, row: UUID, status: DeliveryStatus, **more: object) -> bool:
    change = {"channel": ChannelName.SMS, "provider_id": "SM1", "outbox_id": row, "status": status} | more
    return await record_status(database, StatusUpdate(**change), at=AT + timedelta(seconds=1))  # type: ignore[arg-type]


async def test_every_order_of_callbacks_runs_forward(database: Database) -> None:
    for number, order in enumerate(permutations(NEWS)):
        row, _ = await queued(database, number=f"+1202555{number:04d}")
        moved = [await told(database, row, status) for status in order]
        again = [await told(database, row, status) for status in order]
        async with database.begin() as connection:
            final = await connection.scalar(select(messages.c.status).where(messages.c.id == row))
            steps = list(
                await connection.scalars(
                    select(message_events.c.status)
                    .where(message_events.c.message_id == row)
                    .order_by(message_events.c.id)
                )
            )
        ranks = [RANK[DeliveryStatus(step)] for step in steps]
        assert ranks == sorted(set(ranks)), order
        assert again == [False] * 4, order
        assert len(steps) == sum(moved), order
        # The first final word counts: what was delivered does not fail afterwards, nor the other way round.
        assert final == next(status for status in order if RANK[status] == 4), order


async def test_a_callback_settles_a_send_of_unknown_fate(database: Database) -> None:
    row, _ = await queued(database)
    assert await told(database, row, DeliveryStatus.UNKNOWN)
    assert await told(database, row, DeliveryStatus.SENT)
    assert not await told(database, row, DeliveryStatus.UNKNOWN)


async def test_a_message_is_found_by_the_provider_s_id_too(database: Database) -> None:
    row, _ = await queued(database, provider_id="SM1")
    assert await told(database, row, DeliveryStatus.SENT, outbox_id=None)
    assert not await told(database, row, DeliveryStatus.DELIVERED, outbox_id=None, provider_id="SM2")


async def test_another_message_s_callback_changes_nothing(database: Database) -> None:
    row, _ = await queued(database, provider_id="SM1")
    assert not await told(database, row, DeliveryStatus.FAILED, provider_id="SM2")
    assert not await told(database, new_id(), DeliveryStatus.FAILED)


async def test_a_report_without_an_id_leaves_the_one_we_have(database: Database) -> None:
    """A bounce names our send, not the provider's: the mail's own id stays on record."""
    row, _ = await queued(database, provider_id="SM1")
    assert await told(database, row, DeliveryStatus.FAILED, provider_id="", code="5.1.1")
    async with database.begin() as connection:
        assert await connection.scalar(select(messages.c.provider_id).where(messages.c.id == row)) == "SM1"


@pytest.mark.parametrize(
    ("problem", "marked", "silent"),
    [
        (SendProblem.BAD_CONTACT, "bad_contact", frozenset[str]()),
        (SendProblem.BLOCKED, "blocked", frozenset[str]()),
        (SendProblem.OPTED_OUT, None, frozenset({"sms"})),
        (SendProblem.REJECTED, None, frozenset[str]()),
    ],
)
async def test_what_a_failure_says_of_the_contact_point(
    database: Database, problem: SendProblem, marked: str | None, silent: frozenset[str]
) -> None:
    row, contact = await queued(database)
    for _ in range(2):
        await told(database, row, DeliveryStatus.FAILED, code="1", problem=problem)
    async with database.begin() as connection:
        point = (await connection.execute(select(contact_points).where(contact_points.c.id == contact))).one()
        assert point.problem == marked
        assert await silenced_channels(connection, point.participant_id) == silent
