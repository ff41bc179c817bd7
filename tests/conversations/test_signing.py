"""From the walk-through to the signature and back into the conversation: on each channel, in each language, with the trained bot."""

import re

import pytest

from tests.conversations.consents import YES, Person, document_of, explained, heard, mastered, permitted, told
from tests.conversations.script import Chat, Script
from tests.conversations.test_consents import BEGIN, begun
from tests.integration.identity.test_joining import ask as join
from tests.integration.identity.test_joining import code_of, verify
from tests.integration.signatures.reader import reader_of

pytestmark = pytest.mark.conversation

LINK = re.compile(r"https?://\S+/consent/[\w.-]+\w")


async def test_explained_understood_decided_and_signed(script: Script, person: Person) -> None:
    document = document_of(script)
    phone = script.phone(person.language)
    if isinstance(person, Chat):  # a code has to reach them: the chat is joined with a phone
        assert await join(person, phone.number) == "sent"
        assert await verify(person, await code_of(phone)) == "linked"
    said = await mastered(person, document, await explained(person, document, await begun(person)))
    assert heard(person, "consent/decide", said)
    await person.say(YES[person.language])
    said = await permitted(person, document, await told(person), no=["share_commercial"])
    link = LINK.search(said)
    assert link, said
    async with reader_of(script, link.group(), phone if isinstance(person, Chat) else person) as page:
        await page.get()
        assert document.title.in_(person.language) not in page.page, "nothing before the code"
        await page.enter()
        assert document.title.in_(person.language) in page.page
        assert re.search(r'name="permission-share_commercial" value="no" required checked', page.page)
        assert await page.sign(**{"permission-share_commercial": "no"}) == 200
    said = await told(person)
    assert LINK.search(said)
    assert person.words("signing/done", document_link="")[:20] in said
    assert not re.search(r"\b\d{6}\b", said), "a code that went to the phone is not shown in the chat"
    await person.say(BEGIN[person.language])
    assert heard(person, "consent/signed_before", await told(person))
