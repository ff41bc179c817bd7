"""`perennial simulate`: a database of its own, the world played through, the judgement."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from conversation.content import Registry
from conversation.outbox import Outbox
from conversation.turn import House
from engagement import clock
from engagement.studies import StudyPack, load_packs, placeholders
from scheduler.sending import Desk
from service.house import fit_sms, prepare_database
from service.plans import outreach_rules, read_plans
from service.settings import ROOT, Settings
from service.simulator.checking import check
from service.simulator.faults import Faults, MortalDatabase
from service.simulator.people import make_people
from service.simulator.reading import read_rules
from service.simulator.report import Simulated
from service.simulator.wordings import Wordings
from service.simulator.world import MONTH, World
from storage.crypto import make_key, parse_keyring
from storage.database import Database
from storage.embedded import drop_database, start_embedded
from storage.ids import made_by
from storage.migrate import migrate

BEGINS = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
"""A Monday; within fourteen months of it the clocks change three times in the north and in the south."""
_MAIL = "simulation.example"


async def simulate(
    data_dir: Path,
    *,
    study: str,
    participants: int,
    months: int,
    seed: int,
    faults: Faults | None = None,
    progress: Callable[[datetime], None] = lambda _: None,
) -> Simulated:
    """Play it on the embedded server, in a database that is dropped at the end. The same seed gives the same run."""
    name, folder = f"simulation_{uuid4().hex[:8]}", data_dir / "postgres"
    async with AsyncExitStack() as stack:
        url = await asyncio.to_thread(start_embedded, folder, database=name)
        stack.push_async_callback(asyncio.to_thread, drop_database, folder, name)
        await asyncio.to_thread(migrate, url)
        return await play(
            url, study=study, participants=participants, months=months, seed=seed, faults=faults, progress=progress
        )


async def play(
    url: str,
    *,
    study: str,
    participants: int,
    months: int,
    seed: int,
    faults: Faults | None = None,
    progress: Callable[[datetime], None] = lambda _: None,
) -> Simulated:
    """Play it in a migrated, empty database."""
    faults = faults or Faults()
    keyring, packs = parse_keyring(make_key("simulation")), load_packs(ROOT / "studies")
    plain = Database(url, keyring, pool_size=2)
    await prepare_database(plain, packs)
    await plain.close()
    database = MortalDatabase(
        url,
        keyring,
        dice=random.Random(f"deaths {seed}"),
        chance=faults.killed,
    )
    try:
        rules = read_rules(ROOT / "studies" / study / "plans.yml")
        wordings = Wordings(ROOT / "content", frozenset(rule.says for rule in rules.items))
        begins, ends = BEGINS, BEGINS + MONTH * months
        world = World(
            await _desk(database, packs),
            database,
            make_people(seed, participants, begins=begins, joining=MONTH * max(1, months // 3)),
            study=study,
            begins=begins,
            ends=ends,
            faults=faults,
            wordings=wordings,
            seed=seed,
        )
        with clock.driven_by(lambda: world.now), made_by(partial(next, _ids())):
            await world.run(progress)
        received = [one for provider in world.providers.values() for one in provider.received]
        received += await world.chats.stored()
        violations = check(
            world.lives, received, rules, wordings, ends=ends, outages=world.outages, shown=world.chats.shown
        )
        return Simulated(
            study=study,
            seed=seed,
            begins=begins,
            ends=ends,
            lives=world.lives,
            received=received,
            violations=violations,
            questions=world.tally.questions,
            deaths=world.tally.deaths,
            steps=world.tally.steps,
        )
    finally:
        await database.close()


async def _desk(database: MortalDatabase, packs: Mapping[str, StudyPack]) -> Desk:
    plans = read_plans(packs)
    languages = tuple(dict.fromkeys(language for pack in packs.values() for language in pack.languages))
    registry = Registry(
        approved_only=False,
        facts={(slug, spoken): placeholders(pack, spoken) for slug, pack in packs.items() for spoken in pack.languages},
    )
    async with database.begin() as connection:
        await registry.load(connection, at=clock.now())
    house = House(
        packs=packs,
        instruments={},
        consents={},
        default_study=next(iter(packs)),
        registry=registry,
        keyring=database.keyring,
        languages=languages,
        document_link=lambda *_: "",
    )
    outbox = Outbox(registry, database.keyring, fits={"sms": fit_sms}, link=lambda _: f"https://{_MAIL}")
    return Desk(
        database=database,
        house=house,
        outbox=outbox,
        plans=plans,
        rules=outreach_rules(Settings(), plans, packs),
        fills={},
        mail_domain=_MAIL,
    )


def _ids() -> Iterator[UUID]:
    """Ids in the order in which they are made."""
    number = 0
    while True:
        number += 1
        yield UUID(int=number << 64)
