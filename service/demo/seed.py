"""A few participants to play: made once, welcomed at each start by SMS and mail through the outbox like everybody else."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from console.accounts import add_coordinator
from conversation.outbox import Addressee
from conversation.say import Say
from engagement import clock
from engagement.participants import add_contact, add_participant, find_contact
from service.built import Built
from service.demo.pages.routes import DemoPerson

PEOPLE = (
    DemoPerson(name="Sam Rivera", number="+12025550110", address="sam@mailbox.example", language="English"),
    DemoPerson(name="Ana Morales", number="+12025550111", address="ana@mailbox.example", language="Spanish"),
)
COORDINATOR = "maya@perennial.example"


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """What the newcomer needs to sign in."""

    email: str
    password: str


async def seed(built: Built) -> Seeded:
    """Make the people and the coordinator where they are missing; welcome the people."""
    keyring, at = built.database.keyring, clock.now()
    study = built.house.default_study
    async with built.database.begin() as connection:
        for person in PEOPLE:
            found = await find_contact(connection, keyring, "sms", person.number)
            participant = (
                found.participant_id
                if found is not None
                else await add_participant(
                    connection, language=code_of(person), study_slug=study, at=at, name=person.name, keyring=keyring
                )
            )
            for channel, value in (("sms", person.number), ("email", person.address)):
                contact = await find_contact(connection, keyring, channel, value) or await add_contact(
                    connection, keyring, participant, channel, value, verified_at=at
                )
                await built.outbox.queue(
                    connection,
                    [Say(key="welcome/participant", purpose="welcome")],
                    to=Addressee(
                        participant_id=participant,
                        contact_point_id=contact.id,
                        channel=channel,
                        language=code_of(person),
                        study=study,
                        our_address="",
                    ),
                    # The fakes forget at each start, so each start welcomes: there is a mail to reply to.
                    key=f"welcome:{participant}:{channel}:{at.isoformat()}",
                    cause_id=None,
                    at=at,
                )
        password = _password(built.settings.data_dir / "demo-coordinator.txt")
        await add_coordinator(connection, keyring, email=COORDINATOR, password=password, at=at)
    return Seeded(email=COORDINATOR, password=password)


def code_of(person: DemoPerson) -> str:
    """The language a person is spoken to in."""
    return "es" if person.language == "Spanish" else "en"


def _password(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9))
    return path.read_text().strip()
