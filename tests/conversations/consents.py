"""Goes through a consent document as a person would: next and next, the answers to the questions, yes or no."""

from collections.abc import Sequence

from engagement.consent import Check, ConsentDocument
from tests.conversations.script import Chat, Mailbox, Phone, Script, plain

type Person = Phone | Chat | Mailbox

NEXT = {"en": "next", "es": "siguiente"}
YES = {"en": "yes", "es": "sí"}
NO = {"en": "no", "es": "no"}


def document_of(script: Script, version: str = "1.0") -> ConsentDocument:
    """A version of the default study's document."""
    found = script.house.consents[script.house.default_study].version(version)
    assert found is not None
    return found


def right(check: Check) -> str:
    """The number of an option that shows understanding."""
    return str(min(check.right))


def wrong(check: Check) -> str:
    """The number of an option that does not."""
    return str(next(n for n in range(1, len(check.options) + 1) if n not in check.right))


async def told(person: Person) -> str:
    """All that was said since the last look, as one text; at least something."""
    news = await person.news(1)
    assert news, "nothing was said"
    return plain(" ".join([*news, *await person.news(0)]))  # what comes by NOTIFY comes one by one


def heard(person: Person, key: str, said: str, **values: object) -> bool:
    """Whether a text of this key stands in what was said, on this person's channel and in their language."""
    return plain(person.words(key, **values)) in said


async def explained(person: Person, document: ConsentDocument, said: str) -> str:
    """On from section to section, each of them told once; returns what comes after the last: the first question."""
    if person.channel == "email":
        for section in document.sections:
            assert heard(person, section.text.key, said), section.id
        await person.say(NEXT[person.language])
        return await told(person)
    for section in document.sections:
        assert heard(person, section.text.key, said), f"{section.id}: {said}"
        await person.say(NEXT[person.language])
        said = await told(person)
    return said


async def mastered(person: Person, document: ConsentDocument, said: str, *, concepts: Sequence[str] = ()) -> str:
    """Every question answered by the right option; returns what comes after the last: the decision."""
    for concept in document.concepts:
        if concepts and concept.id not in concepts:
            continue
        assert heard(person, concept.checks[0].text.key, said), f"{concept.id}: {said}"
        await person.say(right(concept.checks[0]))
        said = await told(person)
        assert heard(person, "consent/right", said), said
    return said


async def permitted(person: Person, document: ConsentDocument, said: str, *, no: Sequence[str] = ()) -> str:
    """Each permission answered; those named in `no` with a no. Returns what comes after the last."""
    for permission in document.permissions:
        assert heard(person, permission.text.key, said), f"{permission.id}: {said}"
        await person.say((NO if permission.id in no else YES)[person.language])
        said = await told(person)
    return said
