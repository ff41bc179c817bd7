"""What a study would send by SMS: nothing sensitive (names, conditions, genes), and never more than three segments."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from engagement.studies.filling import placeholders
from engagement.studies.pack import StudyPack
from engagement.words.checks import MAX_SEGMENTS, may_go_by_sms
from engagement.words.placeholders import PLACEHOLDER, parse_placeholders
from engagement.words.segments import count_template_segments
from engagement.words.wording import Wording
from engagement.yaml_lines import Document, Fault, Place

_NAMING = ("study.name", "study.title")


def texts_by_sms(own: Sequence[Wording], shared: Sequence[Wording]) -> list[Wording]:
    """The texts that an SMS of the study may carry; a key of the study's own hides the shared one."""
    overridden = {(word.key, word.language) for word in own}
    return may_go_by_sms([*own, *(word for word in shared if (word.key, word.language) not in overridden)])


def check_sensitive(document: Document, texts: Sequence[Wording]) -> Iterator[Fault]:
    """Faults where a text, or a fact that a text uses, would tell by SMS what must stay private."""
    if document.at("sensitive_in_sms") is True:
        return
    terms = sensitive_terms(document)
    users: dict[tuple[str, str], Wording] = {}
    for word in texts:
        names = parse_placeholders(word.text)
        problems = [f"puts {{{name}}} into an SMS" for name in names if name in _NAMING]
        if (term := find_term(word.text, terms)) is not None:
            problems.append(f"puts '{term}' into an SMS")
        for problem in problems:
            advice = "say it without" if word.channel else "give it an 'sms' text"
            yield Fault(file=word.file, line=word.line, message=f"{word.key}: {problem}; {advice}")
        for name in names:
            users.setdefault((name, word.language), word)
    for (name, language), word in users.items():
        place = _fact_place(name, language)
        text = document.at(*place) if place else None
        if isinstance(text, str) and (term := find_term(text, terms)) is not None:
            message = f"{name}: '{term}' would go into an SMS by the text '{word.key}'; say it without, or there"
            yield document.fault(message, *place)


def sensitive_terms(document: Document) -> list[str]:
    """The study's names and titles in all languages and its `sensitive_terms`."""
    listed = document.at("sensitive_terms")
    terms = [term for term in listed if isinstance(term, str)] if isinstance(listed, list) else []
    for field in ("name", "title"):
        said = document.at(field)
        terms += [text for text in said.values() if isinstance(text, str)] if isinstance(said, dict) else []
    return [term for term in terms if term.strip()]


def find_term(text: str, terms: Sequence[str]) -> str | None:
    """The first term that stands in the text as a word, whatever its case and accents."""
    folded = _folded(text)
    return next((term for term in terms if re.search(rf"(?<!\w){re.escape(_folded(term))}(?!\w)", folded)), None)


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in parts if not unicodedata.combining(character))


def check_filled(document: Document, pack: StudyPack, texts: Sequence[Wording]) -> Iterator[Fault]:
    """Faults where an SMS text fits by itself but not with the facts of this study in it."""
    for word in texts:
        if (
            word.channel != "sms"
            or word.language not in pack.languages
            or count_template_segments(word.text) > MAX_SEGMENTS
        ):
            continue
        filled = placeholders(pack, word.language)
        count = count_template_segments(_filled(word.text, filled))
        if count > MAX_SEGMENTS:
            used = [place for name in parse_placeholders(word.text) if (place := _fact_place(name, word.language))]
            longest = max(used, key=lambda place: len(str(document.at(*place))), default=("facts",))
            message = f"the SMS '{word.key}' takes {count} segments with this; {MAX_SEGMENTS} are allowed"
            yield document.fault(message, *longest)


def _fact_place(name: str, language: str) -> Place:
    namespace, _, fact = name.partition(".")
    return ("facts", fact, language) if namespace == "fact" else ()


def _filled(text: str, said: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: said.get(found[1], found[0]), text)
