"""People who text, and what the whole house owes them: one answer each, in their order, whatever happened meanwhile."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.harness.fake_bot import HAND_OVER
from tests.harness.place import Place, new_sid, outbox_id, until

ANSWERS: Mapping[str, str] = {
    "How much does the test cost?": "faq/cost",
    "Is the result accurate?": "faq/accuracy",
    "Thank you very much": "thank",
    "Hello there": "greet",
    "That is all for today": "goodbye",
    "I want to talk to a person please": HAND_OVER,
}
"""What is texted → what the fake bot answers: keys whose text fits one SMS."""

KEYS: Mapping[str, str] = {**ANSWERS, "I want to talk to a person please": "person/coming", "STOP": "optout/confirmed"}
"""What is texted → the content key of the one answer."""


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text of one person; `sid` is its name at the provider."""

    number: str
    words: str
    sid: str = field(default_factory=new_sid)


def person(number: int) -> str:
    """A fictional phone number: 0 to 9999."""
    return f"+1202555{number:04}"


def crowd(*conversations: Sequence[str], start: int = 0) -> list[Text]:
    """One person for each conversation, numbered from `start`; their first texts first, then their second ones."""
    texts = [
        (place, Text(number=person(number), words=words))
        for number, conversation in enumerate(conversations, start)
        for place, words in enumerate(conversation)
    ]
    return [text for _, text in sorted(texts, key=lambda placed: placed[0])]


async def send(place: Place, texts: Sequence[Text]) -> list[Text]:
    """Everybody texts at once, each person one text after the other; returns those that were not acknowledged."""
    refused: list[Text] = []

    async def one(number: str) -> None:
        for text in texts:
            if text.number == number and await place.text(number, text.words, sid=text.sid) != 200:
                refused.append(text)

    await asyncio.gather(*(one(number) for number in dict.fromkeys(text.number for text in texts)))
    return [text for text in texts if text in refused]


async def insist(place: Place, texts: Sequence[Text]) -> None:
    """Deliver again what was not acknowledged, as the provider does, until it is."""
    for text in texts:

        async def taken(text: Text = text) -> bool:
            return await place.text(text.number, text.words, sid=text.sid) == 200

        await until(taken, seconds=30, pause=0.2)


def owed(texts: Sequence[Text], keys: Mapping[str, str] = KEYS) -> dict[str, list[str]]:
    """Each person's answers, in order."""
    answers: dict[str, list[str]] = {}
    for text in texts:
        answers.setdefault(text.number, []).append(keys[text.words])
    return answers


async def check_answers(
    place: Place, texts: Sequence[Text], *, seconds: float = 30, keys: Mapping[str, str] = KEYS
) -> None:
    """Wait until nothing is left to do; then everybody has had each answer once, in order, and nothing else."""
    await place.idle(seconds=seconds)
    await place.twilio.settle()
    wanted = owed(texts, keys)
    assert {number: await place.said(number) for number in wanted} == wanted
    assert place.twilio.posts == len(texts)
    await _check_stored_once(place, texts)


async def check_answers_or_unknown(place: Place, texts: Sequence[Text], *, seconds: float = 30) -> int:
    """As `check_answers`, where sends may have been cut off: an answer that did not arrive is of `unknown` fate.

    Returns how many did not arrive.
    """
    await place.idle(seconds=seconds)
    await place.twilio.settle()
    sent = [outbox_id(message) for message in place.twilio.messages() if not message.inbound]
    assert len(sent) == len(set(sent)) == place.twilio.posts
    rows = await place.rows(
        "select o.id, o.status, o.content_keys, i.provider_id from messages o join messages i on i.id = o.cause_id"
        " where o.direction = 'out'"
    )
    assert {(row["provider_id"], row["content_keys"]) for row in rows} == {(t.sid, KEYS[t.words]) for t in texts}
    assert len(rows) == len(texts)
    lost = [row for row in rows if row["id"] not in sent]
    assert {row["status"] for row in lost} <= {"unknown"}
    # In the order in which they were taken: a text refused at first may have been taken after its person's next one.
    taken = [
        row["provider_id"]
        for row in await place.rows("select provider_id from messages where direction = 'in' order by created_at, id")
    ]
    for number, answers in owed(sorted(texts, key=lambda text: taken.index(text.sid))).items():
        arrived = iter(answers)
        assert all(key in arrived for key in await place.said(number)), "an answer came out of its order"
    await _check_stored_once(place, texts)
    return len(lost)


async def _check_stored_once(place: Place, texts: Sequence[Text]) -> None:
    assert place.twilio.violations == []
    stored = await place.rows("select count(*) as n from messages where direction = 'in'")
    assert stored[0]["n"] == len({text.sid for text in texts})
