"""`kill -9` of the service in the middle of a questionnaire: an answer is recorded once, the next question asked once."""

import json
import signal

import pytest

from service.secrets_file import load_secrets
from tests.chaos.crowd import person
from tests.harness.fake_bot import PRESCREEN, FakeBot
from tests.harness.place import Place, new_sid
from tests.harness.service_process import ServiceProcess

BEGIN, ANSWERS = "do I qualify", ("62", "yes", "no")
ASKED = ["prescreen/welcome", "ask/amount", "ask/yes_no", "ask/yes_no", "ask/yes_no"]
"""The welcome and the age; then, for each answer, the question after it."""


async def recorded(place: Place) -> list[tuple[str, object]]:
    """The answers of the one questionnaire there is, in their order."""
    [row] = await place.rows("select id, state from questionnaire_responses")
    keyring = load_secrets(place.settings).keyring
    state = json.loads(keyring.open(bytes(row["state"]), place="questionnaire_responses.state", row=row["id"]))
    return [
        (item["linkId"], next(iter(answer.values())))
        for item in state["response"].get("item", ())
        for answer in item["answer"]
    ]


@pytest.mark.parametrize(
    ("point", "at"),
    [
        ("questionnaire_begun", BEGIN),
        ("answer_not_committed:2", "62"),
        ("answer_committed", "62"),
        ("question_looked_up:2", "62"),
        ("before_final_commit:3", "yes"),
        ("after_final_commit:2", "62"),
    ],
)
async def test_killed_in_the_middle(place: Place, fake_bot: FakeBot, point: str, at: str) -> None:
    fake_bot.answers = {BEGIN: PRESCREEN}
    number, sids = person(0), {}
    service = ServiceProcess(place, kill_at=point)
    async with service:
        await service.up()
        for text in (BEGIN, *ANSWERS):
            sids[text] = new_sid()
            assert await place.text(number, text, sid=sids[text]) == 200
            if text == at:
                assert await service.dead() == -signal.SIGKILL
                break
            await place.idle()
    async with ServiceProcess(place) as again:
        await again.up()
        await place.idle()
        for text in (BEGIN, *ANSWERS):
            known = text in sids
            assert await place.text(number, text, sid=sids.setdefault(text, new_sid())) == 200
            await place.idle()
            assert known or (await place.said(number))[-1] == "ask/yes_no"
    assert await place.said(number) == ASKED
    assert await recorded(place) == [("age", 62), ("lives_in_us", True), ("can_travel", False)]
    causes = await place.rows("select count(*) as n from messages where direction = 'out' group by cause_id")
    assert sorted(row["n"] for row in causes) == [1, 1, 1, 2]
