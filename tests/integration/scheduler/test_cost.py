"""What is due is found by indexes over what waits alone, however much there is beside it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from conversation.claims import NEXT_OUTREACH
from scheduler import planning, sending
from tests.integration.scheduler.stage import STUDY, Stage

MANY = 20_000
FILL = (
    "insert into touchpoints (id, participant_id, study_slug, item, occurrence, purpose, says, channels, awaits, since,"
    " due_at, expires_at, status, created_at)"
    " select gen_random_uuid(), %s, %s, 'many', n::text,"
    " case when n %% 2000 = 0 then 'recontact' else 'study_contact' end, 'outreach/hello_yearly', '{sms}', '{}', now(),"
    " timestamptz '2020-01-01' + n * interval '1 minute', timestamptz '2020-01-02' + n * interval '1 minute',"
    " case when n %% 1000 = 0 then 'planned' else 'sent' end, now() from generate_series(1, %s) n"
)
FILL_MESSAGES = (
    "insert into messages (id, direction, channel, participant_id, body, purpose, status, created_at, available_at,"
    " touchpoint_id) select gen_random_uuid(), 'out', 'sms', participant_id, '', purpose,"
    " case when status = 'planned' then 'queued' else 'sent' end, due_at, due_at, id from touchpoints where item = 'many'"
)
FILL_ENROLMENTS = (
    "with p as (insert into participants (id, language) select gen_random_uuid(), 'en' from generate_series(1, %s) returning id)"
    " insert into enrolments (id, participant_id, study_slug, stage) select gen_random_uuid(), id, %s, 'enrolled' from p"
)


async def plan_of(stage: Stage, statement: Select[Any]) -> str:
    at = f"'{stage.now.isoformat()}'::timestamptz"
    compiled = str(statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": False}))  # type: ignore[no-untyped-call]
    for name in ("%(at)s::TIMESTAMP WITH TIME ZONE", "%(at)s"):
        compiled = compiled.replace(name, at)
    compiled = compiled.replace("%(param_1)s", "50")
    rows = await stage.rows("explain " + compiled.replace("%", "%%"))
    return "\n".join(row["QUERY PLAN"] for row in rows)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (sending.DUE.limit(50), "ix_touchpoints_due "),
        (sending.DUE_INVITATIONS.limit(50), "ix_touchpoints_due_invitations "),
        (planning.DUE.limit(50), "ix_enrolments_replan"),
        (NEXT_OUTREACH, "ix_messages_outreach"),
    ],
)
async def test_what_is_due_has_an_index_of_its_own(stage: Stage, statement: Select[Any], index: str) -> None:
    who = await stage.person()
    await stage.execute(FILL, who, STUDY, MANY)
    await stage.execute(FILL_MESSAGES)
    await stage.execute(FILL_ENROLMENTS, MANY, STUDY)
    for table in ("touchpoints", "messages", "enrolments"):
        await stage.execute(f"analyze {table}")
    stage.now = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=1)
    shown = await plan_of(stage, statement)
    assert index in shown, shown
    assert "Seq Scan on touchpoints" not in shown
    assert "Seq Scan on enrolments" not in shown
