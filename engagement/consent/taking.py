"""Walk-throughs in the database: begun, heard and ended once for each message, however often a turn is run."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from engagement.consent.document import ConsentDocument
from engagement.consent.hearing import Heard, hear, hear_wish, not_understood
from engagement.consent.keeping import agreed_document, keep_result, newest_walk, read_walk, row_values, save_walk
from engagement.consent.outcome import Asking, Outcome
from engagement.consent.steering import Wish
from engagement.consent.telling import hint, recap, tell
from engagement.consent.walk import Step, Walk, begin_walk
from engagement.interviews import Topic
from engagement.interviews.lines import Line, at
from engagement.permissions import GRANTED, WITHDRAWN, Cause, DocumentSigned, record_permission
from engagement.permissions.speaking import PARTICIPANT, REPRESENTATIVE
from engagement.purposes import WHOLE
from storage.ids import new_id
from storage.tables import consent_walks

PENDING = "consent"
"""What a conversation waits for while a walk-through is open."""
STALE = timedelta(hours=12)
"""After so long a pause, whoever comes back is first told where they were."""
_PERSON = frozenset({"ask_person", "distress", "report_problem"})
_WISHES = {"tell_me_more": Wish.MORE, "send_document": Wish.DOCUMENT, "snooze": Wish.LATER, "repeat": Wish.REPEAT}
"""Intents that say in other words what the walk-through's own words would have said."""
ELSEWHERE = frozenset(
    {
        *("start_prescreen", "start_check_in", "my_permissions", "change_permissions", "withdraw_request"),
        *("my_appointment", "move_appointment"),
    }
)
"""Intents that leave the walk-through for something else. It stays open, and is gone on with when they come back."""
LEAVING = "leaving"
"""The concept that asks how one leaves."""
_POLITE = frozenset({"goodbye", "thank"})
_SMALL = frozenset({*_POLITE, "greet", "affirm", "deny", "start_consent"})
"""Intents that want nothing but to go on."""


async def start_walk(connection: AsyncConnection, asking: Asking) -> Outcome:
    """Begin the walk-through, go on with it, or say what became of it."""
    document = asking.consents.in_force(asking.today)
    if document is None:
        return Outcome(said=(Line(key="consent/none"),))
    row = await newest_walk(connection, asking)
    if row is not None and row.document_version == document.version:
        if row.status == "open":
            walk = read_walk(asking, row, document)
            return await _tell(connection, asking, row.id, walk, said=(recap(walk),))
        if row.status == "signed":
            return Outcome(said=(Line(key="consent/signed_before"),))
        if row.status == "handed_over":
            return Outcome(said=(Line(key="consent/handed_over_before"),))
        if row.status == "signing":
            return _to_sign(read_walk(asking, row, document), Line(key="consent/signing_before"))
    agreed = await agreed_document(connection, asking)
    return await _begin(connection, asking, row, document, agreed)


async def hear_walk(connection: AsyncConnection, asking: Asking, text: str, topic: Topic) -> Outcome:
    """Take a message as what is open asks for it; say what comes of it, and what is open then."""
    row = await newest_walk(connection, asking)
    if row is None or row.status != "open":
        return Outcome(said=(Line(key="consent/none_open"),))
    document = asking.consents.in_force(asking.today)
    if document is None or document.version != row.document_version:
        return await start_walk(connection, asking)
    before = read_walk(asking, row, document)
    heard = hear(before, text, language=asking.spoken)
    if heard.asks_aside and topic.intent in _WISHES:
        heard = hear_wish(before, _WISHES[topic.intent])
    if heard.result is not None:
        await keep_result(connection, asking, row.id, heard.result, text)
    if heard.wants_person or (heard.asks_aside and topic.intent in _PERSON):
        return Outcome(pending=PENDING, person="asked")
    if heard.asks_aside and topic.intent in ELSEWHERE and not _is_about_leaving(before, topic):
        return Outcome(elsewhere=topic.intent)
    said = list(heard.lines)
    if heard.asks_aside:
        heard, aside = _aside(before, heard, topic)
        said += aside
    if heard.lost or heard.paused:
        await save_walk(connection, asking, row.id, heard.walk)
        said = said if heard.lost else [Line(key="consent/paused")]
        return Outcome(said=tuple(said), person=heard.lost, version=document.version)
    if heard.decided is False:
        return await _decline(connection, asking, row.id, heard.walk)
    if heard.walk.step is Step.OVER:
        return await _finish(connection, asking, row.id, heard.walk, said=tuple(said))
    if asking.at - row.updated_at > STALE and heard.walk.step is before.step and heard.walk.place == before.place:
        said.insert(0, recap(before))
    if before.step is Step.EXPLAIN and heard.walk.step is Step.CHECK:
        said.append(Line(key="consent/questions", values={"total": len(heard.walk.concepts)}))
    if heard.wants_document:
        said += send_document(document, channel=asking.channel).said
    if heard.tell:
        outcome = await _tell(connection, asking, row.id, heard.walk, said=tuple(said))
    else:
        await save_walk(connection, asking, row.id, heard.walk)
        outcome = Outcome(said=(*said, *hint(heard.walk)), pending=PENDING)
    return replace(outcome, link="read", version=document.version) if heard.wants_document else outcome


def send_document(document: ConsentDocument, *, channel: str) -> Outcome:
    """The whole document: in a mail its text, on any channel a link to the page that shows it."""
    line = Line(key="consent/document")
    if channel == "email":
        parts = [at(text.key) for section in document.sections for text in (section.title, section.text)]
        line = Line(key="consent/document_mail", values={"parts": parts})
    return Outcome(said=(line,), link="read", version=document.version)


async def _begin(
    connection: AsyncConnection,
    asking: Asking,
    earlier: Any,
    document: ConsentDocument,
    agreed: ConsentDocument | None,
) -> Outcome:
    said: list[Line] = []
    if earlier is not None and earlier.status in ("open", "signing"):
        await connection.execute(
            update(consent_walks)
            .where(consent_walks.c.id == earlier.id)
            .values(status="superseded", finished_at=asking.at)
        )
        said.append(Line(key="consent/new_version"))
    walk = begin_walk(document, agreed=agreed)
    if agreed is not None and document.changes is not None:
        said.append(Line(key="consent/changes", values={"changes": at(document.changes.key)}))
    else:
        said.append(Line(key="consent/welcome", values={"total": len(walk.sections)}))
    row_id = new_id()
    await connection.execute(
        insert(consent_walks).values(
            id=row_id,
            participant_id=asking.participant_id,
            study_slug=asking.study,
            document_version=document.version,
            status="open",
            started_at=asking.at,
            **row_values(asking, row_id, walk),
        )
    )
    await record_audit(
        connection,
        actor="bot",
        action="consent_started",
        subject=str(asking.participant_id),
        at=asking.at,
        details={"study": asking.study, "version": document.version},
    )
    outcome = await _tell(connection, asking, row_id, walk, said=tuple(said))
    # A text message says it in fewer words: the whole of it is one tap away.
    return replace(outcome, link="read", version=document.version) if asking.channel == "sms" else outcome


async def _tell(
    connection: AsyncConnection, asking: Asking, row_id: UUID, walk: Walk, *, said: tuple[Line, ...]
) -> Outcome:
    walk, lines = tell(walk, channel=asking.channel)
    await save_walk(connection, asking, row_id, walk)
    return Outcome(said=(*said, *lines), pending=PENDING)


def _aside(before: Walk, heard: Heard, topic: Topic) -> tuple[Heard, list[Line]]:
    """An answer to what they asked, or a word that we did not understand."""
    if topic.keys:
        return replace(heard, walk=before), [Line(key=key) for key in topic.keys]
    if topic.intent in _SMALL and heard.walk.tries < 2:
        return replace(heard, tell=heard.tell or topic.intent not in _POLITE), []
    return replace(heard, tell=heard.walk.step is not Step.EXPLAIN), [not_understood(heard.walk)]


def _is_about_leaving(walk: Walk, topic: Topic) -> bool:
    """Whether what sounds like a wish to leave may be their answer to "how would you leave?"."""
    asked = walk.concept if walk.step is Step.CHECK else None
    return topic.intent == "withdraw_request" and asked is not None and asked.id == LEAVING


def _to_sign(walk: Walk, line: Line) -> Outcome:
    return Outcome(said=(line,), link="sign", version=walk.document.version, answers=dict(walk.chosen))


async def _decline(connection: AsyncConnection, asking: Asking, row_id: UUID, walk: Walk) -> Outcome:
    await save_walk(connection, asking, row_id, walk, status="declined")
    await _record_end(connection, asking, walk, "consent_declined")
    return Outcome(said=(Line(key="consent/declined"),))


async def _finish(
    connection: AsyncConnection, asking: Asking, row_id: UUID, walk: Walk, *, said: tuple[Line, ...]
) -> Outcome:
    """All is said: it is signed on our page, or elsewhere. Where elsewhere, what they allow is written down here."""
    if walk.document.mode == "electronic":
        await save_walk(connection, asking, row_id, walk, status="signing")
        await _record_end(connection, asking, walk, "consent_to_sign")
        outcome = _to_sign(walk, Line(key="consent/sign"))
        return replace(outcome, said=(*said, *outcome.said))
    await save_walk(connection, asking, row_id, walk, status="handed_over")
    await _record_end(connection, asking, walk, "consent_handed_over")
    signed = DocumentSigned(version=walk.document.version, sha256=walk.document.sha256(asking.spoken))
    for permission in walk.document.permissions:
        yes = walk.chosen[permission.id]
        await record_permission(
            connection,
            asking.participant_id,
            kind=GRANTED if yes else WITHDRAWN,
            purpose=permission.purpose,
            study=asking.study,
            scopes=[permission.scope or WHOLE],
            at=asking.at,
            document=signed,
            cause=Cause(actor=_speaker(walk), said_on=asking.channel, message_id=asking.message_id),
        )
    return Outcome(said=(*said, Line(key="consent/handed_over")), ready=True)


def _speaker(walk: Walk) -> str:
    """Who goes through the document: who it is about, or whoever decides for them."""
    return REPRESENTATIVE if REPRESENTATIVE in walk.document.signers else PARTICIPANT


async def _record_end(connection: AsyncConnection, asking: Asking, walk: Walk, action: str) -> None:
    await record_audit(
        connection,
        actor=_speaker(walk),
        action=action,
        subject=str(asking.participant_id),
        at=asking.at,
        details={
            "study": asking.study,
            "version": walk.document.version,
            "sha256": walk.document.sha256(asking.spoken),
            "language": asking.spoken,
            "message": str(asking.message_id),
            "understood": list(walk.mastered),
        },
    )
