"""The registry: which of several texts is the one, and that nothing half-filled is ever said."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from conversation.content import ContentMissing, Registry

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FACTS = {
    ("oak", "en"): {"fact.cost": "It is free.", "contact.phone": "+1 202-555-0143"},
    ("oak", "es"): {"fact.cost": "Es gratis."},
}


class Shelf:
    """Stands for the connection: `content_versions` in memory, and how often it was read."""

    def __init__(self) -> None:
        self.rows: list[SimpleNamespace] = []
        self.reads = 0

    def put(
        self, key: str, text: str, *, language: str = "en", channel: str = "", study: str = "", replies: Any = ()
    ) -> UUID:
        made = uuid4()
        row = SimpleNamespace(
            id=made, key=key, text=text, language=language, channel=channel, study_slug=study, replies=replies
        )
        self.rows.append(row)
        return made

    async def scalar(self, _: object) -> int:
        return len(self.rows)

    async def execute(self, _: object) -> list[SimpleNamespace]:
        self.reads += 1
        return self.rows

    async def registry(self) -> Registry:
        registry = Registry(approved_only=False, facts=FACTS)
        await registry.load(self, at=AT)  # type: ignore[arg-type]
        return registry


LEVELS = [
    ("es", "oak", "sms"),
    ("es", "oak", ""),
    ("es", "", "sms"),
    ("es", "", ""),
    ("en", "oak", "sms"),
    ("en", "oak", ""),
    ("en", "", "sms"),
    ("en", "", ""),
]
"""From the most particular to the last resort, for a Spanish-speaker of the oak study by SMS."""


@pytest.mark.parametrize("best", range(len(LEVELS)))
async def test_language_before_study_before_channel(best: int) -> None:
    shelf = Shelf()
    for language, study, channel in LEVELS[best:]:
        shelf.put("help", f"{language}/{study}/{channel}", language=language, study=study, channel=channel)
    said = (await shelf.registry()).render("help", language="es", channel="sms", study="oak")
    assert said.text == "/".join(LEVELS[best])


@pytest.mark.parametrize(
    ("language", "study", "channel"), [("fr", "", ""), ("es", "elm", ""), ("es", "", "email"), ("es", "elm", "sms")]
)
async def test_what_is_meant_for_others_is_not_said(language: str, study: str, channel: str) -> None:
    shelf = Shelf()
    shelf.put("help", "for others", language=language, study=study, channel=channel)
    with pytest.raises(ContentMissing, match=r"help \(es\)"):
        (await shelf.registry()).render("help", language="es", channel="sms", study="oak")


async def test_facts_and_values_fill_it_and_the_version_is_named() -> None:
    shelf = Shelf()
    row = shelf.put("faq/cost", "{fact.cost} Code {code}. {contact.phone}")
    said = (await shelf.registry()).render(
        "faq/cost", language="en", channel="sms", study="oak", values={"code": "012345"}
    )
    assert said.text == "It is free. Code 012345. +1 202-555-0143"
    assert said.versions == (row,)


async def test_facts_come_in_the_language_spoken() -> None:
    shelf = Shelf()
    shelf.put("faq/cost", "{fact.cost}", language="es")
    registry = await shelf.registry()
    assert registry.render("faq/cost", language="es", channel="sms", study="oak").text == "Es gratis."


@pytest.mark.parametrize("study", ["oak", "elm"])
async def test_an_unfilled_placeholder_is_an_error_never_a_brace(study: str) -> None:
    shelf = Shelf()
    shelf.put("faq/genes", "We test {fact.genes}.")
    with pytest.raises(ContentMissing, match=r"fact\.genes"):
        (await shelf.registry()).render("faq/genes", language="en", channel="sms", study=study)


async def test_a_value_that_names_a_key_is_that_text() -> None:
    shelf = Shelf()
    outer = shelf.put("person/coming", "They write {expected}.")
    inner = shelf.put("expected/within_hours", "within {hours} hours")
    said = (await shelf.registry()).render(
        "person/coming",
        language="en",
        channel="sms",
        study="oak",
        values={"expected": "@expected/within_hours", "hours": 2},
    )
    assert said.text == "They write within 2 hours."
    assert said.versions == (outer, inner)


async def test_a_value_that_names_an_unknown_key_is_an_error() -> None:
    shelf = Shelf()
    shelf.put("person/coming", "They write {expected}.")
    with pytest.raises(ContentMissing, match="expected/never"):
        (await shelf.registry()).render(
            "person/coming", language="en", channel="sms", study="oak", values={"expected": "@expected/never"}
        )


async def test_what_fills_a_placeholder_is_not_filled_again() -> None:
    shelf = Shelf()
    shelf.put("hello", "Hello {name}.")
    said = (await shelf.registry()).render(
        "hello", language="en", channel="sms", study="oak", values={"name": "{contact.phone}"}
    )
    assert said.text == "Hello {contact.phone}."


async def test_quick_replies_are_words_in_the_same_language() -> None:
    shelf = Shelf()
    shelf.put("ask", "¿Sí?", language="es", replies=["replies/yes"])
    shelf.put("replies/yes", "Yes")
    shelf.put("replies/yes", "Sí", language="es")
    registry = await shelf.registry()
    assert registry.render("ask", language="es", channel="webchat", study="oak").replies == ("Sí",)


async def test_the_newest_version_counts_and_an_unchanged_shelf_is_not_read_again() -> None:
    shelf = Shelf()
    shelf.put("help", "old")
    registry = await shelf.registry()
    await registry.load(shelf, at=AT)  # type: ignore[arg-type]
    assert shelf.reads == 1
    shelf.put("help", "new")
    await registry.load(shelf, at=AT)  # type: ignore[arg-type]
    assert registry.render("help", language="en", channel="sms", study="").text == "new"


async def test_words_of_a_page() -> None:
    shelf = Shelf()
    shelf.put("webchat/send", "Send")
    shelf.put("webchat/send", "Enviar", language="es")
    shelf.put("webchat/close", "Close")
    shelf.put("help", "Help")
    registry = await shelf.registry()
    assert registry.words("webchat/", language="es") == {"send": "Enviar", "close": "Close"}


async def test_has() -> None:
    shelf = Shelf()
    shelf.put("only/sms", "x", channel="sms")
    registry = await shelf.registry()
    assert registry.has("only/sms")
    assert not registry.has("only/sms", language="es")
    assert not registry.has("only")
