"""A questionnaire's texts as approved words: each text of each item gets a key, so that what is sent has a version.

questionnaire/<name>/<item>          the question
questionnaire/<name>/<item>/why      why it is asked (its help)
questionnaire/<name>/<item>/o1       its first option
criterion/<id>                       what a criterion means
"""

import re
from collections.abc import Iterator
from pathlib import Path

from engagement.instruments.model import Eligibility, Instrument
from engagement.questionnaires import Item
from engagement.questionnaires.words import NO_WORDS, Words
from engagement.words import Wording
from engagement.words.wording import normalised

_OTHER = re.compile(r"[^a-z0-9_]+")


def key_of(instrument: str, item: Item) -> str:
    """The content key of an item's text. Two linkIds that differ in more than marks have different keys."""
    folded = _OTHER.sub("_", item.link_id.lower()).strip("_")
    return f"questionnaire/{instrument}/{folded if folded[:1].isalpha() else f'i{folded}'}"


def option_key(instrument: str, item: Item, number: int) -> str:
    """The content key of an option, `number` from 1."""
    return f"{key_of(instrument, item)}/o{number}"


def wordings_of(
    instrument: Instrument, *, study: str, languages: tuple[str, ...], approval: str, file: Path
) -> list[Wording]:
    """Every text of the questionnaire in every language of the study, where it has one."""
    return [
        Wording(
            key=key,
            language=language,
            study=study,
            text=normalised(text, folded=False),
            approval_id=approval,
            file=file,
            line=1,
        )
        for item in instrument.form.items
        for key, before, words in _texts(instrument.name, item)
        for language in languages
        if (text := f"{before.in_(language)} {words.in_(language)}".strip())
    ]


def criterion_wordings(eligibility: Eligibility, *, study: str, approval: str, file: Path) -> list[Wording]:
    """What each criterion means, in every language it is written in."""
    return [
        Wording(
            key=f"criterion/{criterion.id}",
            language=language,
            study=study,
            text=text,
            approval_id=approval,
            file=file,
            line=1,
        )
        for criterion in eligibility.criteria
        for language, text in criterion.meaning.items()
    ]


def _texts(name: str, item: Item) -> Iterator[tuple[str, Words, Words]]:
    """Key, what stands before the text (a question's prefix), and the text."""
    key = key_of(name, item)
    if item.text:
        yield key, item.prefix, item.text
    if item.help:
        yield f"{key}/why", NO_WORDS, item.help
    for number, option in enumerate(item.options, start=1):
        yield f"{key}/o{number}", NO_WORDS, option.words
