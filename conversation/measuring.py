"""Measured mails: which outreach mail bears which token, and what became of it. Who measures, by whose leave, is asked each time.

Kept is only when, and what it was taken for. Whoever opted out, left, or took the permission back is not measured any more.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.outreach import outreach_of, read_known
from conversation.providers import OutreachRules
from engagement.measuring import MOMENT
from engagement.optouts import read_ledger
from engagement.stages import WITHDRAWN
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import mail_looks, measured_mails, messages

KEPT_FOR = timedelta(days=30)
"""What happens to a mail later says nothing of it any more."""
MOST = 10
"""So many looks of a kind and verdict are kept of a mail: more say nothing new."""
LATELY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A measured mail. `left_at`: when it was handed to the relay; `text`: the words that were sent."""

    id: UUID
    touchpoint_id: UUID
    study: str
    left_at: datetime
    text: str = field(repr=False)


async def measure_mail(connection: AsyncConnection, message_id: UUID, *, token: str, at: datetime) -> str:
    """The token of an outgoing mail: this one, or the one that an earlier try has given it."""
    await connection.execute(
        insert(measured_mails)
        .values(id=new_id(), message_id=message_id, token=token, created_at=at)
        .on_conflict_do_nothing(index_elements=["message_id"])
    )
    kept = await connection.scalar(select(measured_mails.c.token).where(measured_mails.c.message_id == message_id))
    return str(kept)


async def read_mail(connection: AsyncConnection, keyring: Keyring, token: str) -> Mail | None:
    """The mail that bears a token; None where none does."""
    row = (
        await connection.execute(
            select(messages, measured_mails.c.id.label("mail"))
            .join(measured_mails, measured_mails.c.message_id == messages.c.id)
            .where(measured_mails.c.token == token)
        )
    ).first()
    if row is None:
        return None
    return Mail(
        id=row.mail,
        touchpoint_id=row.touchpoint_id,
        study=row.study_slug,
        left_at=row.handled_at,
        text=keyring.open(row.body, place="messages.body", row=row.id),
    )


async def may_measure(connection: AsyncConnection, mail: Mail, rules: OutreachRules, *, at: datetime) -> bool:
    """Whether we may still write to them, by mail and for this purpose: then we may also know if they looked."""
    if at - mail.left_at > KEPT_FOR:
        return False
    known: Any = (await read_known(connection, [mail.touchpoint_id], at=at)).get(mail.touchpoint_id)
    if known is None or known.stage == WITHDRAWN or "email" in read_ledger(known.opt_outs):
        return False
    return outreach_of(known, rules, channel="email", number="", at=at).permitted


@dataclass(frozen=True, kw_only=True)
class Before:
    """What happened to a mail just before. `others`: another link was followed; `machine`: a machine followed one."""

    others: bool
    machine: bool


async def read_before(connection: AsyncConnection, mail: Mail, *, link: int | None, at: datetime) -> Before:
    """As of `at`; `link`: the one that is followed now."""
    clicks = await connection.execute(
        select(mail_looks.c.link, mail_looks.c.verdict, mail_looks.c.at).where(
            mail_looks.c.mail_id == mail.id, mail_looks.c.what == "click", mail_looks.c.at > at - LATELY
        )
    )
    rows = clicks.all()
    return Before(
        others=any(row.link != link and row.at > at - MOMENT for row in rows),
        machine=any(row.verdict == "machine" for row in rows),
    )


async def record_look(
    connection: AsyncConnection, mail: Mail, *, what: str, link: int | None, verdict: str, reason: str, at: datetime
) -> None:
    """Write down what somebody or something did with the mail, the first `MOST` times."""
    alike = (mail_looks.c.mail_id == mail.id) & (mail_looks.c.what == what) & (mail_looks.c.verdict == verdict)
    number = (await connection.scalar(select(func.count()).where(alike)) or 0) + 1
    if number <= MOST:
        await connection.execute(
            insert(mail_looks)
            .values(
                id=new_id(),
                mail_id=mail.id,
                what=what,
                link=link,
                verdict=verdict,
                reason=reason,
                number=number,
                at=at,
            )
            .on_conflict_do_nothing()
        )
