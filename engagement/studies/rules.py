"""Rules that reach over several parts of study.yml.

They work on the file as it was read, not on the model, so that a wrong type in one place hides no fault in another.
"""

from collections.abc import Collection, Iterator
from typing import Any

from engagement.studies.values import clock_time
from engagement.words.placeholders import FACTS
from engagement.yaml_lines import Document, Fault, Place

_TRANSLATED: tuple[Place, ...] = (
    ("title",),
    ("name",),
    ("programme",),
    ("contacts", "hours"),
    ("safety", "crisis_line"),
)
_LISTS: tuple[tuple[Place, str], ...] = (
    (("languages",), "language"),
    (("sms", "numbers"), "number"),
    (("email", "local_parts"), "address"),
    (("support", "days"), "day"),
    (("stages",), "stage"),
)


def check_rules(document: Document, *, slug: str, known_languages: Collection[str]) -> list[Fault]:
    """All faults of these rules. `slug`: the folder's name; `known_languages`: those with words in `content/`."""
    return [
        *_check_slug(document, slug),
        *_check_languages(document, known_languages),
        *_check_translated(document),
        *_check_facts(document),
        *_check_repeated(document),
        *_check_support(document),
    ]


def _dotted(place: Place) -> str:
    return ".".join(str(step) for step in place)


def _strings(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _check_slug(document: Document, slug: str) -> Iterator[Fault]:
    said = document.at("slug")
    if isinstance(said, str) and said != slug:
        yield document.fault(f"slug: '{said}' is not the folder's name '{slug}'", "slug")


def _check_languages(document: Document, known: Collection[str]) -> Iterator[Fault]:
    languages = document.at("languages")
    for index, language in enumerate(languages if isinstance(languages, list) else ()):
        if isinstance(language, str) and known and language not in known:
            there = ", ".join(sorted(known))
            yield document.fault(
                f"languages: there are no words in '{language}'; known are {there}", "languages", index
            )


def _check_translated(document: Document) -> Iterator[Fault]:
    languages = _strings(document.at("languages"))
    facts = document.at("facts")
    places = [*_TRANSLATED, *(("facts", name) for name in facts if isinstance(facts, dict))] if facts else _TRANSLATED
    for place in places:
        said = document.at(*place)
        if not isinstance(said, dict):
            continue
        for language in languages:
            if language not in said:
                yield document.fault(f"{_dotted(place)}: has no text in '{language}'", *place)
        for language in said:
            if language not in languages:
                yield document.fault(f"{_dotted(place)}: '{language}' is not among the languages", *place, language)


def _check_facts(document: Document) -> Iterator[Fault]:
    facts = document.at("facts")
    if not isinstance(facts, dict):
        return
    for name in FACTS:
        if name not in facts:
            yield document.fault(f"facts: '{name}' is missing", "facts")
    for name, said in facts.items():
        for language, text in said.items() if isinstance(said, dict) else ():
            if isinstance(text, str) and text.strip() and not _whole_sentences(text.strip()):
                message = f"facts.{name}.{language}: write whole sentences, with a capital and a full stop"
                yield document.fault(message, "facts", name, language)


def _whole_sentences(text: str) -> bool:
    first = text.lstrip('¿¡"«“(')[:1]
    return len(text.split()) >= 3 and text.rstrip('"»”)')[-1:] in (".", "!", "?") and not first.islower()


def _check_repeated(document: Document) -> Iterator[Fault]:
    for place, kind in _LISTS:
        yield from _repeats(document, place, document.at(*place), kind)
    sites = document.at("sites")
    tokens = (
        [site.get("token") if isinstance(site, dict) else None for site in sites] if isinstance(sites, list) else []
    )
    yield from _repeats(document, ("sites",), tokens, "token", last="token")


def _repeats(document: Document, place: Place, items: Any, kind: str, *, last: str = "") -> Iterator[Fault]:
    seen: set[str] = set()
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if not isinstance(item, str):
            continue
        if item in seen:
            where = (*place, index, last) if last else (*place, index)
            yield document.fault(f"{_dotted(place)}: the {kind} '{item}' stands here twice", *where)
        seen.add(item)


def _check_support(document: Document) -> Iterator[Fault]:
    try:
        opened = clock_time(document.at("support", "open"))
        closed = clock_time(document.at("support", "close"))
    except ValueError:
        return
    if closed <= opened:
        yield document.fault(
            f"support.close: closing at {closed:%H:%M} is not after opening at {opened:%H:%M}", "support", "close"
        )
        return
    minutes = (closed.hour - opened.hour) * 60 + closed.minute - opened.minute
    hours = document.at("support", "answer_within_hours")
    if isinstance(hours, int) and not isinstance(hours, bool) and hours * 60 > minutes:
        message = f"support.answer_within_hours: {hours} hours are more than a day's; the next working day is promised"
        yield document.fault(message, "support", "answer_within_hours")
