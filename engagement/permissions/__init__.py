"""Permissions: what a participant allows, by purpose, scope, study and channel; append-only, derived at an instant.

    await record_permission(connection, participant, kind="granted", purpose="recontact", study=slug,
                            scopes=["sponsor"], channels=["email"], per_year=4, at=at, document=DocumentSigned(...),
                            cause=Cause(actor="participant", said_on="sms", message_id=message))
    standing = await read_standing(connection, participant, at=at)
    standing.allows("study_contact", channel="sms", study=slug).allowed
    standing.allows_invitation(other_study, sponsors=sponsors, channel="email")     # recontact, as far as it reaches

The gate reads the ledger in the statement that it has anyway, and decides at the instant of sending:

    select(messages, ledger_of(messages.c.participant_id).label("permissions"))
    answer = standing_at(read_entries(row.permissions), at).allows("study_contact", channel=row.channel, study=row.study_slug)
    answer.allowed, answer.reason, answer.entry_id, answer.per_year

A purpose that permits contact is asked with the channel. `study_contact` (reminders, check-ins) is granted by taking part
(`grant_by_taking_part`) and ended by leaving. Replies to what somebody just wrote need no permission. STOP is another
ledger: `engagement.optouts`.
"""

from engagement.permissions.entry import (
    GRANTED,
    LAPSED,
    NARROWED,
    WITHDRAWN,
    Entry,
    check_entry,
    read_entries,
)
from engagement.permissions.ledger import (
    Cause,
    DocumentSigned,
    ledger_of,
    read_standing,
    record_permission,
)
from engagement.permissions.standing import Answer, Cell, Ended, Held, Standing, Why, standing_at
from engagement.permissions.taking_part import grant_by_taking_part, withdraw_study
from engagement.purposes import PURPOSES, WHOLE, Purpose

__all__ = [
    "GRANTED",
    "LAPSED",
    "NARROWED",
    "PURPOSES",
    "WHOLE",
    "WITHDRAWN",
    "Answer",
    "Cause",
    "Cell",
    "DocumentSigned",
    "Ended",
    "Entry",
    "Held",
    "Purpose",
    "Standing",
    "Why",
    "check_entry",
    "grant_by_taking_part",
    "ledger_of",
    "read_entries",
    "read_standing",
    "record_permission",
    "standing_at",
    "withdraw_study",
]
