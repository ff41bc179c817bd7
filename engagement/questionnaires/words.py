"""A questionnaire's own texts, in the languages it has them in (extension `translation`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """A text and its translations: pairs of language (BCP 47) and text."""

    default: str = ""
    translations: tuple[tuple[str, str], ...] = ()

    def in_(self, language: str | None) -> str:
        """The text in this language ("es" takes "es-MX" too, and the other way), else as it was written."""
        if language and self.translations:
            wanted = language.lower()
            for code, text in self.translations:
                if code.lower() == wanted:
                    return text
            for code, text in self.translations:
                if code.lower().partition("-")[0] == wanted.partition("-")[0]:
                    return text
        return self.default

    def __bool__(self) -> bool:
        return bool(self.default)


NO_WORDS = Words()


def read_words(data: Mapping[str, Any], name: str) -> Words:
    """The text of an element with the translations beside it (`_name`). A text that is none counts as "": the reader faults it."""
    text = data.get(name)
    return Words(text if isinstance(text, str) else "", read_translations(data.get(f"_{name}")))


def read_translations(element: Any) -> tuple[tuple[str, str], ...]:
    """Pairs of language and text from the `translation` extensions of an element."""
    found = []
    extensions = element.get("extension") if isinstance(element, Mapping) else None
    for extension in extensions if isinstance(extensions, list) else ():
        if not isinstance(extension, Mapping) or not str(extension.get("url", "")).endswith("/translation"):
            continue
        inner = extension.get("extension")
        if not isinstance(inner, list):
            continue
        parts = {
            str(part.get("url")): part.get("valueCode") or part.get("valueString") or part.get("valueMarkdown")
            for part in inner
            if isinstance(part, Mapping)
        }
        language, text = parts.get("lang"), parts.get("content")
        if isinstance(language, str) and isinstance(text, str):
            found.append((language, text))
    return tuple(found)
