"""What triage only suspects: confirmed or cleared by the bot's judge, an alarm where the bot has none or stays away."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from conversation.stages import safety
from conversation.triage import Judgement, Severity, Triage, TriageKind, Trigger, judge_words
from conversation.triage.learned import HEADS
from conversation.triage.verdict import verdict_of
from tests.chaos.crowd import person
from tests.harness.fake_bot import HAND_OVER, MISS, FakeBot
from tests.harness.place import Place, run_service, until

SUSPECT = {"the dark one again": TriageKind.CRISIS, "odd since monday": TriageKind.ADVERSE_EVENT}
"""Texts that the test makes suspicious, whatever the judges of words were taught meanwhile."""
VEILED = "the boats are burnt"


def sums(**said: float) -> Mapping[str, float]:
    return {str(head): said.get(head, -1.5) for head in HEADS} | {"any": max(said.values(), default=-1.5)}


CLEAR, CRISIS, EVENT = sums(), sums(crisis=1.0), sums(adverse_event=1.0)


@pytest.fixture(autouse=True)
def suspicious(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(text: str, *, languages: tuple[str, ...]) -> Judgement:
        if text == VEILED:
            return Judgement(verdict=Triage(), sums=tuple(-0.6 for _ in HEADS))
        kind = SUSPECT.get(text)
        if kind is None:
            return judge_words(text, languages=languages)
        severity = Severity.CRITICAL if kind is TriageKind.CRISIS else Severity.MODERATE
        trigger = Trigger(rule=f"learned/{kind}", kind=kind, severity=severity, matched=text)
        sums = tuple(0.1 if head == "any" else -0.4 if head == kind else -1.0 for head in HEADS)
        return Judgement(verdict=verdict_of((trigger,)), sums=sums)

    monkeypatch.setattr(safety, "judge_words", judge)


async def escalations(place: Place) -> list[tuple[str, list[str]]]:
    rows = await place.rows("select reason, triggers from escalations order by opened_at")
    return [(row["reason"], row["triggers"]) for row in rows]


async def say(place: Place, number: str, text: str) -> None:
    assert await place.text(number, text) == 200
    await place.idle()


async def test_the_bot_clears_a_suspicion(place: Place, fake_bot: FakeBot) -> None:
    number = person(0)
    fake_bot.safety = dict.fromkeys(SUSPECT, CLEAR)
    async with run_service(place):
        for text in SUSPECT:
            await say(place, number, text)
        assert await place.said(number) == ["thank", "thank"]
        assert await escalations(place) == []


async def test_the_bot_confirms_a_suspicion(place: Place, fake_bot: FakeBot) -> None:
    number = person(0)
    fake_bot.safety = {"odd since monday": EVENT, "the dark one again": CRISIS}
    async with run_service(place):
        for text in ("odd since monday", "the dark one again", "hello"):
            await say(place, number, text)
        # What the bot wanted to say is not said; after a crisis a person has it.
        assert await place.said(number) == ["safety/adverse_event", "safety/crisis"]
        assert await escalations(place) == [
            ("adverse_event", ["learned/adverse_event"]),
            ("crisis", ["learned/crisis", "vectors/crisis"]),
        ]
        rows = await place.rows("select outcome from messages where direction = 'in' order by created_at")
        assert [row["outcome"] for row in rows] == ["safety_adverse_event", "safety_crisis", "held"]


async def test_without_a_judgement_a_suspicion_is_an_alarm(place: Place, fake_bot: FakeBot) -> None:
    number = person(0)
    async with run_service(place):
        await say(place, number, "the dark one again")
        assert await place.said(number) == ["safety/crisis"]
        assert await escalations(place) == [("crisis", ["learned/crisis"])]
        assert len(fake_bot.turns) == 1


async def test_the_bot_sees_what_words_do_not_show(place: Place, fake_bot: FakeBot) -> None:
    number = person(0)
    fake_bot.safety = {VEILED: CRISIS}
    async with run_service(place):
        await say(place, number, VEILED)
        assert await place.said(number) == ["safety/crisis"]
        assert await escalations(place) == [("crisis", ["vectors/crisis"])]


@pytest.mark.parametrize(("found", "said"), [(EVENT, "thank"), (CRISIS, "safety/crisis")], ids=["event", "crisis"])
async def test_who_only_chooses_what_we_offered_tells_of_no_event_but_perhaps_of_a_crisis(
    place: Place, fake_bot: FakeBot, found: Mapping[str, float], said: str
) -> None:
    number, option = person(0), "Talk to a person"
    fake_bot.answers = {"hello": "greet"}
    fake_bot.safety = {option: found}
    async with run_service(place):
        await say(place, number, "hello")
        await say(place, number, option)
        assert (await place.said(number))[-1] == said
        # Nothing of ours offers it any more: the same words are theirs.
        if found is EVENT:
            await say(place, number, option)
            assert (await place.said(number))[-1] == "safety/adverse_event"


async def test_what_the_bot_did_in_the_turn_stays(place: Place, fake_bot: FakeBot) -> None:
    number = person(0)
    fake_bot.answers = {"the dark one again": HAND_OVER}
    fake_bot.safety = {"the dark one again": CRISIS}
    async with run_service(place):
        await say(place, number, "the dark one again")
        assert await place.said(number) == ["safety/crisis"]
        assert sorted(reason for reason, _ in await escalations(place)) == ["asked", "crisis"]


async def test_an_offer_that_an_alarm_replaced_is_not_open(place: Place, fake_bot: FakeBot) -> None:
    number = person(0)
    fake_bot.answers = dict.fromkeys(("what", "odd since monday"), MISS)
    fake_bot.safety = {"odd since monday": EVENT}
    async with run_service(place):
        await say(place, number, "what")
        await say(place, number, "odd since monday")
        assert (await place.said(number))[-1] == "safety/adverse_event"
        await say(place, number, "yes")
        assert await place.rows("select name from effects where result ->> 'pending' = 'person_offer'")
        assert fake_bot.turns[-1]["slots"]["pending"] is None


@pytest.mark.parametrize("away", ["refusing", "failing", "breaking"])
async def test_where_the_bot_stays_away_a_suspicion_is_an_alarm(
    place: Place, fake_bot: FakeBot, away: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversation.dialogue.PATIENCE", timedelta(seconds=1))
    monkeypatch.setattr("conversation.dialogue.GIVE_UP_AFTER", 2)
    number = person(0)
    if away == "refusing":
        await fake_bot.down()
    elif away == "failing":
        fake_bot.fail_with = [503] * 50
    else:
        fake_bot.otherwise, fake_bot.safety = "no/such_text", dict.fromkeys(SUSPECT, CLEAR)
    async with run_service(place):
        assert await place.text(number, "the dark one again") == 200
        await place.twilio.wait_for(number, seconds=6)
        assert await place.said(number) == ["safety/crisis"]
        assert await escalations(place) == [("crisis", ["learned/crisis"])]


async def test_a_suspicion_overtakes_what_waits_for_the_bot(
    place: Place, fake_bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversation.dialogue.PATIENCE", timedelta(seconds=1))
    number = person(0)
    await fake_bot.down()
    async with run_service(place):
        for text in ("how much is it", "odd since monday"):
            assert await place.text(number, text) == 200
        await place.twilio.wait_for(number, seconds=6)
        assert await place.said(number) == ["safety/adverse_event"]
        await fake_bot.up()
        await place.idle()
        assert await place.said(number) == ["safety/adverse_event", "thank"]
        assert await escalations(place) == [("adverse_event", ["learned/adverse_event"])]


async def test_a_suspicion_waits_no_time_where_a_person_has_it(place: Place, fake_bot: FakeBot) -> None:
    number = person(0)
    fake_bot.answers = {"person": HAND_OVER}
    fake_bot.safety = dict.fromkeys(SUSPECT, CLEAR)
    async with run_service(place):
        await say(place, number, "person")
        await say(place, number, "odd since monday")
        assert (await place.said(number))[-1] == "safety/adverse_event"
        assert [turn["text"] for turn in fake_bot.turns] == ["person"]


async def test_a_hold_that_came_meanwhile_raises_the_alarm(place: Place, fake_bot: FakeBot) -> None:
    number = person(0)
    fake_bot.answers = {"person": HAND_OVER}
    fake_bot.safety = dict.fromkeys(SUSPECT, CLEAR)
    fake_bot.hang.clear()
    async with run_service(place):
        assert await place.text(number, "person") == 200
        await asyncio.wait_for(fake_bot.arrived.wait(), 5)
        assert await place.text(number, "odd since monday") == 200
        await until(lambda: len(fake_bot.turns) == 1)
        fake_bot.hang.set()
        await place.idle()
        assert (await place.said(number))[-1] == "safety/adverse_event"
        assert sorted(reason for reason, _ in await escalations(place)) == ["adverse_event", "asked"]
