"""Questionnaires in a participant's page and beside an open case: answers, scores, what changed, the verdict and its trace."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID

from console.questionnaires import MOST
from tests.conversations.script import Script
from tests.integration.console.desk import Desk, waiting
from tests.integration.interviewed import interview, whose

WELL = ["about the same", "no", "2", "0", "no", "no", "well", "no", "70 kg", "not at all", "not at all", "skip"]
WORSE = ["much worse", "yes", "two", "no", *WELL[2:10], "2", "my hand <b>burns</b>"]
CALM = ["1"] * 9
"""The PHQ-9 with nothing in it."""
EXCLUDED = [
    "35", "yes", "yes", "yes", "no", "no", "no", "1", "my cousin's blog", "male", "yes", "2015", "no", "no", "4", "none of these",
    "skip", "yes",
]  # fmt: skip


async def known(script: Script) -> UUID:
    """Somebody who has written."""
    phone = script.phone()
    await phone.say("cost?")
    return await whose(script, phone)


def plain(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def of(page: str) -> str:
    """The questionnaires' part of a page."""
    found = re.search(r'<section aria-labelledby="questionnaires">.*?</section>', page, re.DOTALL)
    assert found
    return found[0]


async def test_answers_scores_and_what_changed_stand_in_the_participant_s_page(script: Script, desk: Desk) -> None:
    who, now = await known(script), datetime.now(UTC)
    for days, texts in ((40, WELL), (39, CALM), (0, WORSE)):  # the PHQ-9 is due in between
        outcome = await interview(script, who, texts, kind="check_in", at=now - timedelta(days=days))
        assert outcome.pending is None
    _, page = await desk.get(f"/console/participants/{who}")
    newest, mood, oldest = re.findall(r"<article.*?</article>", of(page), re.DOTALL)
    text = plain(newest)
    assert "completed" in text
    assert "by web chat" in text
    assert "Mood score (PHQ-2) 1 last time 0" in text
    assert "What changed since" in text
    assert "How have you been since we last asked? About the same → , now: Much worse" in text
    assert "How many times did you fall? no answer → , now: 2" in text
    assert "How have you slept? Well → , now:" not in text
    assert "How much do you weigh now? Pounds or kilos are fine. 70 kg" in text
    assert "Brought a person in: Feels much worse than last time; Had a fall since the last check-in" in text
    assert "my hand &lt;b&gt;burns&lt;/b&gt;" in newest
    assert "<b>" not in newest
    assert "PHQ-9 score (0 to 27) 0" in plain(mood)
    assert "What changed since" not in mood
    assert "What changed since" not in oldest
    assert "(skipped)" in plain(oldest)


async def test_a_verdict_stands_with_every_criterion(script: Script, desk: Desk) -> None:
    who = await known(script)
    assert (await interview(script, who, EXCLUDED, kind="prescreen")).pending is None
    text = plain(of((await desk.get(f"/console/participants/{who}"))[1]))
    assert "Not eligible for this study" in text
    assert "Not met : You are 40 to 80 years old. age, version 1" in text
    assert "Met : You live in the United States. lives_in_us, version 1" in text
    assert "How did you hear about us? Pick one or use your own words. my cousin's blog" in text


async def test_what_is_not_known_is_said_to_be_unknown(script: Script, desk: Desk) -> None:
    who = await known(script)
    unsure = ["62", *EXCLUDED[1:5], "I don't know", *EXCLUDED[6:]]
    assert (await interview(script, who, unsure, kind="prescreen")).pending is None
    text = plain(of((await desk.get(f"/console/participants/{who}"))[1]))
    assert "Needs review" in text
    assert "Unknown : You have not had a bone marrow transplant. own_genes, version 1" in text
    assert "Met : You are 40 to 80 years old." in text


async def test_one_under_way_stands_beside_the_open_case(script: Script, desk: Desk) -> None:
    phone = await waiting(script)
    who = await whose(script, phone)
    assert (await interview(script, who, ["62", "yes"], kind="prescreen")).pending
    rows = await script.place.rows("select id from escalations where participant_id = %s", who)
    _, page = await desk.get(f"/console/cases/{rows[0]['id']}")
    text = plain(of(page))
    assert re.search(r"under way, 2 of \d+ answered", text)
    assert "How old are you? 62" in text
    assert "(being asked now)" in text
    assert 'href="#questionnaires">1<' in page


async def test_who_has_answered_nothing_is_shown_as_that(script: Script, desk: Desk) -> None:
    who = await known(script)
    assert "None yet." in of((await desk.get(f"/console/participants/{who}"))[1])


async def test_what_is_answered_is_in_no_address(script: Script, desk: Desk) -> None:
    who = await known(script)
    await interview(script, who, WORSE, kind="check_in")
    part = of((await desk.get(f"/console/participants/{who}"))[1])
    assert re.findall(r'(?:href|action|src)="[^"]*"', part) == []


async def test_of_very_many_the_newest_are_shown(script: Script, desk: Desk) -> None:
    who = await known(script)
    for _ in range(MOST + 2):
        await interview(script, who, [], kind="check_in")
        await script.place.rows(
            "update questionnaire_responses set status = 'stopped' where participant_id = %s and status = 'in-progress'"
            " returning id",
            who,
        )
    part = of((await desk.get(f"/console/participants/{who}"))[1])
    assert part.count("<article") == MOST
