"""What a text message carries of a walk-through: whole, never cut off, and nothing that gives the study away."""

from collections.abc import Iterator

import pytest

from engagement.consent import ConsentDocument, Text
from engagement.studies import StudyPack, load_pack
from engagement.studies.by_sms import find_term
from engagement.words import load_words
from engagement.words.gsm import to_gsm
from engagement.words.segments import count_segments
from service.house import SMS_SEGMENTS
from service.settings import ROOT
from tests.unit.consent.documents import document

SLUGS = ("batten-cln2", "parkinson-lrrk2-gba1")
WORDS = {(word.key, word.language, word.channel): word.text for word in load_words(ROOT / "content")[0]}


def ours(key: str, language: str) -> str:
    """Our own text for a key, as an SMS has it."""
    return WORDS.get((key, language, "sms")) or WORDS[key, language, ""]


def by_sms(text: Text, language: str) -> str:
    return text.sms.get(language) or text.in_(language)


def said(document: ConsentDocument, language: str) -> Iterator[tuple[str, str]]:
    """Every message that a walk-through may send by SMS."""
    total = len(document.sections)
    for number, section in enumerate(document.sections, start=1):
        text = by_sms(section.text, language)
        yield section.id, ours("consent/section", language).format(number=number, total=total, text=text)
        if section.more is not None:
            yield f"{section.id}, more", by_sms(section.more, language)
        for question in section.questions:
            yield question.answer.key, by_sms(question.answer, language)
    for number, permission in enumerate(document.permissions, start=1):
        asked = by_sms(permission.text, language)
        yield permission.id, ours("consent/permission", language).format(number=number, total=9, question=asked)
    for concept in document.concepts:
        yield concept.correction.key, by_sms(concept.correction, language)
        for check in concept.checks:
            options = "\n".join(f"{n}. {by_sms(option, language)}" for n, option in enumerate(check.options, start=1))
            asked = by_sms(check.text, language)
            yield check.text.key, ours("consent/check", language).format(question=asked, options=options)


def private(pack: StudyPack) -> list[str]:
    return [*pack.sensitive_terms, *pack.name.values(), *pack.title.values()]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_message_is_whole_and_gives_nothing_away(slug: str, language: str) -> None:
    terms = private(load_pack(ROOT / "studies" / slug))
    found = list(said(document(slug), language))
    assert len(found) > 60
    assert [name for name, text in found if count_segments(to_gsm(text)) > SMS_SEGMENTS] == []
    assert [name for name, text in found if find_term(text, terms)] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_the_web_says_what_a_text_message_does_not(slug: str) -> None:
    pack, key = load_pack(ROOT / "studies" / slug), document(slug).section("key_information")
    assert find_term(key.text.in_("en"), private(pack))
    assert not find_term(key.text.sms["en"], private(pack))
