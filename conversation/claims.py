"""The next message to deliver: of the replies, or of the outreach. Each comes with what the gate asks of every message.

Two queues in one table: however much outreach waits, a reply waits for none of it.
"""

from typing import Any

from sqlalchemy import ColumnElement, Interval, Select, and_, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from engagement.optouts import ledger_of
from storage.tables import contact_points, is_invitation, messages, providers

# Built once, their words literals: see `conversation.dialogue`.
_earlier, _alike, _other = aliased(messages), aliased(messages), aliased(messages)
_AT: ColumnElement[Any] = bindparam("at")
_QUEUED: ColumnElement[Any] = literal_column("'queued'")
_SENDING: ColumnElement[Any] = literal_column("'sending'")
_GONE: list[ColumnElement[Any]] = [
    literal_column(f"'{status}'") for status in ("sending", "sent", "delivered", "unknown")
]

_same_lately = (
    select(func.count())
    .where(
        _alike.c.direction == literal_column("'out'"),
        _alike.c.participant_id == messages.c.participant_id,
        _alike.c.created_at > _AT - literal_column("interval '5 minutes'", Interval),
        _alike.c.contact_point_id == messages.c.contact_point_id,
        _alike.c.content_keys == messages.c.content_keys,
        _alike.c.status.in_(_GONE),
    )
    .scalar_subquery()
    .label("same_lately")
)


def _is_outreach(table: Any, outreach: bool) -> ColumnElement[bool]:
    touchpoint: ColumnElement[Any] = table.c.touchpoint_id
    return touchpoint.is_not(None) if outreach else touchpoint.is_(None)


def _next(outreach: bool, free: ColumnElement[bool], *more_known: ColumnElement[Any]) -> Select[Any]:
    """The oldest that is due and `free` to go, invitations last, and whether more is waiting."""
    more = (
        select(_other.c.id)
        .where(
            _other.c.status == _QUEUED,
            _other.c.available_at <= _AT,
            _other.c.id != messages.c.id,
            _is_outreach(_other, outreach),
        )
        .exists()
        .label("more")
    )
    return (
        select(
            messages,
            contact_points.c.value,
            contact_points.c.problem,
            ledger_of(messages.c.participant_id).label("ledger"),
            _same_lately,
            more,
            *more_known,
        )
        .join(contact_points, contact_points.c.id == messages.c.contact_point_id)
        .where(messages.c.status == _QUEUED, messages.c.available_at <= _AT, _is_outreach(messages, outreach), free)
        .order_by(*([is_invitation(messages)] if outreach else []), messages.c.available_at, messages.c.id)
        .limit(literal_column("1"))
        .with_for_update(skip_locked=True, of=messages)
    )


_before = and_(
    _earlier.c.direction == literal_column("'out'"),
    _earlier.c.participant_id == messages.c.participant_id,
    _earlier.c.id < messages.c.id,
)

NEXT_REPLY = _next(
    False,
    # In order, but for what must not wait: an earlier message in retry may be put off for half an hour.
    or_(
        messages.c.purpose.in_([literal_column("'safety'"), literal_column("'opt_out_confirmation'")]),
        ~select(_earlier.c.id)
        .where(
            _before,
            _is_outreach(_earlier, False),
            _earlier.c.channel == messages.c.channel,
            _earlier.c.status.in_([_QUEUED, _SENDING]),
        )
        .exists(),
    ),
)

NEXT_OUTREACH = _next(
    True,
    # One of a person at a time, over all channels. One that waits for a better hour holds up none.
    ~select(_earlier.c.id)
    .where(
        _before,
        _is_outreach(_earlier, True),
        _earlier.c.status.in_([_QUEUED, _SENDING]),  # said outright: the partial index has it so
        or_(_earlier.c.status == _SENDING, and_(_earlier.c.status == _QUEUED, _earlier.c.available_at <= _AT)),
    )
    .exists(),
    select(providers.c.closed_until)
    .where(providers.c.channel == messages.c.channel)
    .scalar_subquery()
    .label("closed_until"),
)
