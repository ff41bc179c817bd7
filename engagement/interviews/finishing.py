"""An interview that is over: a verdict with its trace, or thanks; and what the programme keeps of it."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from engagement.escalations import open_escalation
from engagement.instruments import Eligibility, Finding, Instruments, Verdict, decide_verdict
from engagement.interviews.interview import Interview, answer_of
from engagement.interviews.lines import Line
from engagement.interviews.lines import at as text_of
from engagement.journeys import record_event
from engagement.permissions import GRANTED, WITHDRAWN, Cause, record_permission
from engagement.questionnaires import to_response
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import verdicts

RECONTACT = "recontact"
"""The linkId of "may we contact you about other studies?" in a pre-screening."""
REVIEW_WITHIN = timedelta(days=2)


async def finish(
    connection: AsyncConnection,
    interview: Interview,
    *,
    instruments: Instruments,
    response_id: UUID,
    participant_id: UUID,
    cause: Cause,
    keyring: Keyring,
    at: datetime,
) -> list[Line]:
    """Record what the answers come to and return what is said."""
    eligibility = instruments.eligibility
    if eligibility is None or eligibility.questionnaire != interview.instrument.name:
        await _record_done(connection, "check_in_completed", participant_id, instruments.study, response_id, at=at)
        return [Line(key="check_in/thanks")]
    verdict, findings = decide_verdict(eligibility, to_response(interview.state, authored=at), at=at)
    row = new_id()
    trace: dict[str, Any] = {
        "questionnaire": interview.instrument.name,
        "form_sha256": interview.instrument.sha256,
        "criteria": [asdict(finding) for finding in findings],
    }
    await connection.execute(
        insert(verdicts).values(
            id=row,
            response_id=response_id,
            participant_id=participant_id,
            study_slug=instruments.study,
            verdict=verdict.value,
            at=at,
            trace=keyring.seal(json.dumps(trace), place="verdicts.trace", row=row),
        )
    )
    await record_audit(
        connection,
        actor="bot",
        action="prescreen_finished",
        subject=str(participant_id),
        at=at,
        details={"study": instruments.study, "verdict": verdict.value},
    )
    await _record_done(connection, "prescreened", participant_id, instruments.study, response_id, at=at)
    await _record_recontact(connection, interview, participant_id, instruments.study, cause=cause, at=at)
    if verdict is Verdict.REVIEW:
        await open_escalation(
            connection,
            participant_id,
            reason="review",
            at=at,
            due_at=at + REVIEW_WITHIN,
            study_slug=instruments.study,
            cause_id=cause.message_id,
            triggers=[f"unknown: {finding.criterion}" for finding in findings if finding.met is None],
        )
    return [_explained(verdict, findings, eligibility)]


async def _record_done(
    connection: AsyncConnection, kind: str, participant_id: UUID, study: str, response_id: UUID, *, at: datetime
) -> None:
    await record_event(
        connection, participant_id, study, kind, at=at, now=at, source="questionnaire", key=str(response_id)
    )


def _explained(verdict: Verdict, findings: tuple[Finding, ...], eligibility: Eligibility) -> Line:
    excluding = next((finding for finding in findings if finding.met is False), None)
    if verdict is Verdict.NOT and eligibility.name_criterion and excluding is not None:
        return Line(
            key="prescreen/not_eligible_because", values={"criterion": text_of(f"criterion/{excluding.criterion}")}
        )
    return Line(key=f"prescreen/{verdict.value}")


async def _record_recontact(
    connection: AsyncConnection,
    interview: Interview,
    participant_id: UUID,
    study: str,
    *,
    cause: Cause,
    at: datetime,
) -> None:
    """Their answer to "may we contact you about other studies?" goes into the ledger: any study, or none at all."""
    answers = answer_of(interview, RECONTACT)
    if answers and isinstance(answers[0].value, bool):
        agreed = answers[0].value
        await record_permission(
            connection,
            participant_id,
            kind=GRANTED if agreed else WITHDRAWN,
            purpose=RECONTACT,
            study=study if agreed else None,
            at=at,
            cause=cause,
        )
