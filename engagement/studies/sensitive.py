"""Nothing sensitive by SMS: finds study names, conditions and genes in what an SMS of a study would carry."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from engagement.words.checks import may_go_by_sms
from engagement.words.placeholders import parse_placeholders
from engagement.words.wording import Wording
from engagement.yaml_lines import Document, Fault

_NAMING = ("study.name", "study.title")


def check_sensitive(document: Document, own: Sequence[Wording], shared: Sequence[Wording]) -> Iterator[Fault]:
    """Faults where the study's own texts, or facts that texts use, would tell by SMS what must stay private."""
    if document.at("sensitive_in_sms") is True:
        return
    terms = sensitive_terms(document)
    overridden = {(word.key, word.language) for word in own}
    in_effect = [*own, *(word for word in shared if (word.key, word.language) not in overridden)]
    users: dict[tuple[str, str], Wording] = {}
    for word in may_go_by_sms(in_effect):
        names = parse_placeholders(word.text)
        problems = [f"puts {{{name}}} into an SMS" for name in names if name in _NAMING]
        if (term := find_term(word.text, terms)) is not None:
            problems.append(f"puts '{term}' into an SMS")
        for problem in problems:
            advice = "give it an 'sms' text" if not word.channel else "say it without"
            yield Fault(file=word.file, line=word.line, message=f"{word.key}: {problem}; {advice}")
        for name in names:
            users.setdefault((name, word.language), word)
    for (name, language), word in users.items():
        text = document.at("facts", name.removeprefix("fact."), language) if name.startswith("fact.") else None
        if isinstance(text, str) and (term := find_term(text, terms)) is not None:
            message = (
                f"{name}: '{term}' would go into an SMS by the text '{word.key}'; give that text an 'sms' without it"
            )
            yield document.fault(message, "facts", name.removeprefix("fact."), language)


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
