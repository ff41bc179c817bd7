"""Answers a questionnaire as a person would: reads what was asked, finds the question, gives the answer."""

from collections.abc import Mapping, Sequence

from engagement.instruments import key_of, option_key
from engagement.questionnaires import Item
from tests.conversations.script import Chat, Mailbox, Phone, Script, plain

type Person = Phone | Chat | Mailbox

ENOUGH = 60
"""Questions of the longest questionnaire, and some."""


def question(script: Script, person: Person, name: str, link_id: str) -> str:
    """The text of an item as this person would be asked it."""
    return plain(script.words(key_of(name, item_of(script, name, link_id)), person.channel, person.language))


def item_of(script: Script, name: str, link_id: str) -> Item:
    """An item of the default study's questionnaire."""
    house = script.house
    found = house.instruments[house.pack(None).slug].forms[name].form.item(link_id)
    assert found is not None, link_id
    return found


def asked(script: Script, person: Person, name: str, links: Sequence[str], text: str) -> list[str]:
    """Which of these items' questions stand in a text, in the order they stand there."""
    said = plain(text)
    found = [(said.find(question(script, person, name, link)), link) for link in links]
    return [link for place, link in sorted(found) if place >= 0]


def option(script: Script, person: Person, name: str, link_id: str, number: int) -> str:
    """An option's text."""
    key = option_key(name, item_of(script, name, link_id), number)
    return script.words(key, person.channel, person.language)


async def answer_all(
    script: Script, person: Person, name: str, answers: Mapping[str, str], *, said: Sequence[str], until: str = ""
) -> list[str]:
    """Answer question by question (a mail's list at once) until nothing known is asked, or `until` is; the last said."""
    last = list(said)
    for _ in range(ENOUGH):
        links = asked(script, person, name, list(answers), " ".join(last))
        if not links or until in links:
            return last
        if len(links) > 1 and person.channel == "email":
            await person.say("\n".join(f"{n}. {answers[link]}" for n, link in enumerate(links, start=1)))
        else:
            await person.say(answers[links[-1]])
        last = await told(person)
    raise AssertionError("the questionnaire never ended")


async def told(person: Person) -> list[str]:
    """All that was said since the last look: at least one thing."""
    news = await person.news(1)
    assert news, "nothing was said"
    return news
