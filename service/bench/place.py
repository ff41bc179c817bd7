"""Where both sides run: a database of the benchmark's own, its participants, and the announcement of a turn's end."""

from collections.abc import Sequence
from itertools import count
from uuid import UUID

from sqlalchemy import insert, select, text

from engagement import clock
from engagement.participants import add_contact, add_participant
from service.bench.script import Line, Person
from storage.database import Database
from storage.ids import new_id
from storage.tables import messages

DONE = "bench_done"
"""The NOTIFY channel; its payload is the provider's id of an inbound message whose replies are in the outbox."""

# The load generator hears of a finished turn by the commit that finishes it: no polling, which would load the machine.
_ANNOUNCE = (
    "create table bench_bare (id uuid primary key, body text not null, at timestamptz not null default now())",
    f"""create function bench_announce() returns trigger language plpgsql as
    $$ begin perform pg_notify('{DONE}', new.provider_id); return null; end $$""",
    """create trigger bench_announce after update of status on messages for each row
    when (new.direction = 'in' and new.status = 'done') execute function bench_announce()""",
)


class Place:
    """The benchmark's database."""

    def __init__(self, database: Database, *, study: str) -> None:
        self._database, self._study = database, study
        self._numbers = count(2_025_000_000)

    async def furnish(self) -> None:
        """The bare handler's table, and the trigger that announces the end of a turn."""
        async with self._database.begin() as connection:
            for statement in _ANNOUNCE:
                await connection.execute(text(statement))

    async def people(self, languages: Sequence[str]) -> list[Person]:
        """New participants, each with a number, in these languages."""
        keyring, at, people = self._database.keyring, clock.now(), []
        async with self._database.begin() as connection:
            for language in languages:
                person = await add_participant(connection, language=language, study_slug=self._study, at=at)
                number = f"+1{next(self._numbers)}"
                await add_contact(connection, keyring, person, "sms", number, verified_at=at)
                people.append(Person(participant_id=person, number=number, language=language))
        return people

    async def stored(self, conversation: Sequence[Line], person: Person) -> list[UUID]:
        """The rows of messages that go to stock Rasa: its actions tie what they do to them. Returns their ids."""
        at, keyring = clock.now(), self._database.keyring
        rows = [
            {
                "id": (row := new_id()),
                "direction": "in",
                "channel": "sms",
                "participant_id": person.participant_id,
                "provider_id": f"stock:{row}",
                "body": keyring.seal(line.text, place="messages.body", row=row),
                "status": "done",
                "created_at": at,
                "available_at": at,
            }
            for line in conversation
        ]
        async with self._database.begin() as connection:
            await connection.execute(insert(messages).values(rows))
        return [UUID(str(row["id"])) for row in rows]

    async def answers(self, sids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The content keys queued for each of these inbound messages."""
        inbound, out = messages.alias("inbound"), messages.alias("out")
        found: dict[str, list[str]] = {}
        async with self._database.begin() as connection:
            rows = await connection.execute(
                select(inbound.c.provider_id, out.c.content_keys)
                .join_from(inbound, out, out.c.cause_id == inbound.c.id)
                .where(inbound.c.provider_id.in_(sids), out.c.direction == "out")
                .order_by(out.c.id)
            )
            for sid, keys in rows:
                said = found.setdefault(sid, [])
                if keys not in said:  # a long text is several messages
                    said.append(keys)
        return {sid: tuple(keys) for sid, keys in found.items()}
