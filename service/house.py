"""Puts the house together from the settings: database, study packs, words, channels, workers."""

import hmac
from collections.abc import Mapping
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from channels.email.addresses import AddressBook
from channels.email.doors import MailDoors
from channels.sms.send import TWILIO_API, SmsSender, TwilioAccount
from channels.sms.split import shorten, split_text
from channels.webchat.links import LinkSigner
from conversation.content import Registry
from conversation.content.publish import publish
from conversation.messages import ChannelName, Sender
from conversation.outbox import Outbox
from conversation.rasa import Rasa
from conversation.turn import House
from conversation.workers import Workers
from engagement import clock
from engagement.appointments.telling import CALENDAR, ITEM
from engagement.consent import load_consents
from engagement.instruments import load_instruments
from engagement.permissions.proof import take_over_earlier
from engagement.shelves import load_shelves
from engagement.studies import StudyPack, load_packs, placeholders
from engagement.words import Wording
from engagement.words.gsm import to_gsm
from engagement.words.segments import count_segments
from scheduler.sending import Desk
from service.appointments import attach_calendar
from service.built import Built
from service.email import email_sender, prepare_email
from service.plans import APPOINTMENT, fill_appointment, outreach_rules, read_plans
from service.secrets_file import Secrets
from service.settings import ROOT, Mode, Settings
from storage.database import Database
from storage.embedded import start_embedded
from storage.migrate import migrate
from storage.tables import studies

SMS_SEGMENTS = 4
"""A text of more segments is shortened and leads on to the web chat."""


def database_url(settings: Settings) -> str:
    """The configured database, or the embedded one (started if need be)."""
    return settings.database_url or start_embedded(settings.data_dir / "postgres")


async def prepare_database(database: Database, packs: Mapping[str, StudyPack]) -> int:
    """After the migrations: study packs and words into the database. Returns how many texts got a new version."""
    at = clock.now()
    words: list[Wording] = []
    approvals: dict[str, str] = {}
    for shelf in load_shelves(ROOT / "content", ROOT / "studies"):
        if shelf.faults:
            raise SystemExit("\n".join(str(fault) for fault in shelf.faults))
        words += shelf.words
        approvals |= {sha256: approval.id for approval in shelf.approvals for sha256 in approval.texts}
    async with database.begin() as connection:
        for slug, pack in packs.items():
            await connection.execute(
                insert(studies)
                .values(slug=slug, pack_hash=pack.sha256)
                .on_conflict_do_update(index_elements=["slug"], set_={"pack_hash": pack.sha256})
            )
        await take_over_earlier(connection, at=at)
        return await publish(connection, words, approvals, at=at)


async def migrate_all(settings: Settings, secrets: Secrets) -> int:
    """Bring the schema, the study packs and the words up to date. Returns how many texts got a new version."""
    url = database_url(settings)
    migrate(url)
    database = Database(url, secrets.keyring, pool_size=2)
    try:
        return await prepare_database(database, load_packs(ROOT / "studies"))
    finally:
        await database.close()


async def build(settings: Settings, secrets: Secrets) -> Built:
    """Connect everything; nothing is started yet."""
    # A dialogue keeps one connection and, while its action or its end commits, uses a second. PostgreSQL's default of 100
    # connections carries two such processes.
    database = Database(
        database_url(settings),
        secrets.keyring,
        pool_size=settings.workers + 11,
        redoable_size=settings.workers * 2 + 6,
    )
    packs = load_packs(ROOT / "studies")
    languages = tuple(dict.fromkeys(language for pack in packs.values() for language in pack.languages))
    registry = Registry(
        approved_only=settings.mode is Mode.PRODUCTION,
        facts={
            (slug, language): placeholders(pack, language)
            for slug, pack in packs.items()
            for language in pack.languages
        },
    )
    async with database.begin() as connection:
        made = await connection.scalar(select(func.to_regclass("studies").is_not(None)))
        if not made or not (await connection.execute(select(studies.c.slug))).first():
            raise SystemExit("The database holds no study yet: run `perennial migrate` first.")
        await registry.load(connection, at=clock.now())
    links = LinkSigner(secrets.secret_key, public_url=settings.public_url)
    house = House(
        packs=packs,
        instruments={
            slug: load_instruments(ROOT / "studies" / slug, study=slug, languages=pack.languages)[0]
            for slug, pack in packs.items()
        },
        consents={
            slug: load_consents(ROOT / "studies" / slug, study=slug, languages=pack.languages)[0]
            for slug, pack in packs.items()
        },
        default_study=settings.default_study if settings.default_study in packs else next(iter(packs)),
        registry=registry,
        keyring=secrets.keyring,
        languages=languages,
        document_link=links.document_url,
    )
    outbox = Outbox(registry, secrets.keyring, fits={"sms": fit_sms}, link=links.continue_url)
    rasa = Rasa(settings.rasa_url, secrets.bot_token)
    addresses = AddressBook(domain=settings.email_domain, key=_derive(secrets.secret_key, "email"))
    doors = MailDoors(_derive(secrets.secret_key, "measured mail"), public_url=settings.public_url)
    senders: dict[ChannelName, Sender] = {}
    if settings.twilio_account_sid:
        tokens = twilio_tokens(settings)
        senders[ChannelName.SMS] = SmsSender(
            TwilioAccount(
                account_sid=settings.twilio_account_sid,
                auth_token=tokens[0],
                sender=settings.twilio_messaging_service_sid or settings.twilio_from,
                public_url=settings.public_url,
                api_url=settings.twilio_api_url or TWILIO_API,
            )
        )
    if settings.smtp_url:
        senders[ChannelName.EMAIL] = email_sender(settings, addresses)
    plans = read_plans(packs)
    rules = outreach_rules(settings, plans, packs)
    workers = Workers(
        database,
        house,
        outbox,
        rasa,
        senders,
        {ChannelName.EMAIL: partial(prepare_email, house=house, addresses=addresses, links=links, doors=doors)},
        rules=rules,
        dialogues=settings.workers,
    )
    return Built(
        settings=settings,
        secrets=secrets,
        database=database,
        house=house,
        outbox=outbox,
        rasa=rasa,
        workers=workers,
        links=links,
        addresses=addresses,
        doors=doors,
        senders=senders,
        desk=Desk(
            database=database,
            house=house,
            outbox=outbox,
            plans=plans,
            rules=rules,
            fills={APPOINTMENT: partial(fill_appointment, secrets.keyring)},
            attach=dict.fromkeys(
                (ITEM, CALENDAR),
                partial(attach_calendar, house, organizer=f"{settings.email_from}@{settings.email_domain}"),
            ),
            mail_domain=settings.email_domain,
        ),
    )


def fit_sms(text: str, more: str) -> list[str]:
    """One SMS where the text fits `SMS_SEGMENTS`; else its beginning and the words that lead on, or several parts."""
    text = to_gsm(text)
    if count_segments(text) <= SMS_SEGMENTS:
        return [text]
    return (
        [shorten(text, max_segments=SMS_SEGMENTS, link_text=more)]
        if more
        else list(split_text(text, max_segments=SMS_SEGMENTS))
    )


def twilio_tokens(settings: Settings) -> list[str]:
    """The auth tokens, the sending one first."""
    given = settings.twilio_auth_token.get_secret_value() if settings.twilio_auth_token else ""
    return [token.strip() for token in given.split(",") if token.strip()]


def _derive(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")
