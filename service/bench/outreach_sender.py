"""One sending process of `perennial bench outreach`: gated, as the service's workers do it, or bare. Ends when all is sent."""

import asyncio
import json
import sys

import uvloop
from sqlalchemy import text

from channels.sms.send import SmsSender, TwilioAccount
from conversation.deliver import deliver_outreach
from conversation.messages import ChannelName, OutboundMessage
from conversation.providers import OutreachRules
from engagement.plans import Caps, Limits, Quiet
from storage.crypto import parse_keyring
from storage.database import Database

LOOPS = 4
STARTS = b"go\n"
BARE_TABLE = (
    "create table if not exists bench_outbox"
    " (id uuid primary key, number text not null, body text not null, status text not null, provider_id text)"
)
_CLAIM = text(
    "update bench_outbox set status = 'sending' where id ="
    " (select id from bench_outbox where status = 'queued' limit 1 for update skip locked) returning id, number, body"
)
_RECORD = text("update bench_outbox set status = 'sent', provider_id = :provider where id = :id")


def bench_account(api_url: str) -> TwilioAccount:
    """The account of the benchmark; its secret is none."""
    return TwilioAccount(
        account_sid="AC" + "b" * 32,
        auth_token="benchmark",  # noqa: S106 - for a fake on loopback
        sender="+15005550006",
        public_url="http://127.0.0.1:9",
        api_url=api_url,
    )


async def main() -> None:
    task = json.loads(sys.stdin.readline())
    database = Database(task["url"], parse_keyring(task["keys"]), pool_size=LOOPS + 1)
    sender = SmsSender(bench_account(task["api"]))
    run = _send_gated if task["kind"] == "gated" else _send_bare
    async with database.begin() as connection:
        await connection.execute(text("select 1"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    await asyncio.gather(*(run(database, sender) for _ in range(LOOPS)))
    await sender.close()
    await database.close()


async def _send_gated(database: Database, sender: SmsSender) -> None:
    # The clock is open day and night here: the hour of the benchmark must not decide what it measures.
    open_all_day = Quiet.model_validate({"from": "00:00", "to": "00:00"})
    rules = OutreachRules(limits={"parkinson-lrrk2-gba1": Limits(quiet=open_all_day, caps=Caps())})
    while await deliver_outreach(database, {ChannelName.SMS: sender}, {}, rules):
        pass


async def _send_bare(database: Database, sender: SmsSender) -> None:
    while True:
        async with database.begin() as connection:
            row = (await connection.execute(_CLAIM)).first()
        if row is None:
            return
        message = OutboundMessage(
            id=row.id, channel=ChannelName.SMS, to=row.number, sender="", text=row.body, language="en"
        )
        accepted = await sender.send(message)
        async with database.begin() as connection:
            await connection.execute(_RECORD, {"id": row.id, "provider": accepted.provider_id})


if __name__ == "__main__":
    uvloop.run(main())
