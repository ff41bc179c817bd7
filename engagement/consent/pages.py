"""The files of a consent document's languages: each text read once for all languages, checked, and kept as a wording."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engagement.answers.vocabulary import entries
from engagement.consent.document import Check, Text
from engagement.words import Wording
from engagement.words.checks import check_wording
from engagement.words.placeholders import parse_placeholders
from engagement.words.segments import count_segments
from engagement.words.wording import normalised
from engagement.yaml_lines import Document, Fault, Place, read_yaml

SMS_SEGMENTS = 4
"""What one SMS carries; a longer text would be cut off and lead on by a link, and a consent is not cut off."""
ONLY_ON_PAGES = ("title", "agreement", "assent", "asked")
"""Last parts of the keys that are never said in a message."""


class Pages:
    """`en.yml`, `es.yml` and so on of one version. `broken`: a file is missing or can't be read at all."""

    def __init__(self, folder: Path, *, key: str, study: str, languages: tuple[str, ...], approval: str) -> None:
        self._key, self._study, self._languages, self._approval = key, study, languages, approval
        self._faults: list[Fault] = []
        self._used: dict[str, set[Place]] = {language: set() for language in languages}
        self.words: list[Wording] = []
        self._files: dict[str, Document] = {}
        for language in languages:
            document, broken = read_yaml(folder / f"{language}.yml")
            self._faults += broken
            if document is not None and isinstance(document.data, dict):
                self._files[language] = document
            elif document is not None:
                self._faults.append(document.fault("must be a mapping of fields"))
        self._faults += [
            Fault(file=file, line=1, message="the study does not speak this language")
            for file in sorted(folder.glob("*.yml"))
            if file.stem not in (*languages, "document")
        ]

    @property
    def broken(self) -> bool:
        """Whether the document can't be made of these files."""
        return bool(self._faults)

    def text(self, name: str, *place: str | int, needed: bool = True) -> Text:
        """The text at a place of every file, under the key `<document>/<name>`. A text is words, or `text` with `sms`."""
        place = place or (name,)
        words: dict[str, str] = {}
        sms: dict[str, str] = {}
        given = {language: file.at(*place) for language, file in self._files.items()}
        there = needed or any(value is not None for value in given.values())
        for language, value in given.items():
            where: Place = (*place, "text") if isinstance(value, dict) else place
            text = self._read(name, language, "", *where)
            if text:
                words[language] = text
            elif there:
                self.fault(language, f"{name}: has no text", *place)
            # A section's `sms` stands beside its `text`; that of an answer stands in it.
            short = self._read(name, language, "sms", *where[:-1], "sms") if where[-1] == "text" else ""
            if short:
                sms[language] = short
            elif name.rpartition("/")[2] not in ONLY_ON_PAGES and count_segments(text) > SMS_SEGMENTS:
                message = f"{name}: takes more than {SMS_SEGMENTS} SMS segments; give it an 'sms' text"
                self.fault(language, message, *where)
        return Text(key=f"{self._key}/{name}", words=words, sms=sms)

    def _read(self, name: str, language: str, channel: str, *place: str | int) -> str:
        """The text at this place, kept as a wording; "" where there is none."""
        file = self._files[language]
        said = file.at(*place)
        if not isinstance(said, str) or not said.strip():
            return ""
        self._use(language, place)
        text = normalised(said, folded=place in file.folded)
        self._keep(name, language, channel, text, file.line(*place))
        return text

    def lists(self, *place: str | int) -> Mapping[str, tuple[str, ...]]:
        """By language, the entries at a place: a list, or a text with ` | ` and line ends between them."""
        found: dict[str, tuple[str, ...]] = {}
        for language, file in self._files.items():
            value = file.at(*place)
            self._use(language, place)
            if isinstance(value, list):
                for number in range(len(value)):
                    self._use(language, (*place, number))
            if isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value)):
                found[language] = tuple(entries(value))
            else:
                self.fault(language, f"{place[-1]}: must be a list of texts", *place)
        return found

    def count(self, *place: str | int) -> int:
        """How many entries the list at a place has; a fault where the languages differ."""
        counts = {language: _length(file.at(*place)) for language, file in self._files.items()}
        for language, count in counts.items():
            self._use(language, place)
            if count != max(counts.values()):
                self.fault(language, f"{place[-1]}: another language has {max(counts.values())} of them", *place)
        return min(counts.values(), default=0)

    def check_together(self, check: Check, *place: str | int) -> None:
        """A question goes out with its options, as one message."""
        for language in self._files:
            texts = [check.text, *check.options]
            said = "\n".join(f"1. {text.sms.get(language) or text.words.get(language, '')}" for text in texts)
            if count_segments(said) > SMS_SEGMENTS:
                message = f"the question and its options take more than {SMS_SEGMENTS} SMS segments together"
                self.fault(language, message, *place)

    def fault(self, language: str, message: str, *place: str | int) -> None:
        """Note a fault at a place of the file of this language."""
        self._faults.append(self._files[language].fault(message, *place))

    def faults(self) -> list[Fault]:
        """All faults: of the files, of each text by itself, and what nothing reads."""
        found = [*self._faults, *(fault for word in self.words for fault in _check(word))]
        for language, file in self._files.items():
            found += [
                file.fault(f"unknown field '{place[-1]}'", *place)
                for place in file.lines
                if isinstance(place[-1:] and place[-1], str) and not _known(place, self._used[language])
            ]
        return found

    def _use(self, language: str, place: Place) -> None:
        self._used[language].add(tuple(place))

    def _keep(self, name: str, language: str, channel: str, text: str, line: int) -> None:
        self.words.append(
            Wording(
                key=f"{self._key}/{name}",
                language=language,
                channel=channel,
                study=self._study,
                text=text,
                approval_id=self._approval,
                file=self._files[language].file,
                line=line,
            )
        )


def _check(word: Wording) -> Iterator[Fault]:
    yield from check_wording(word)
    if names := parse_placeholders(word.text):
        message = f"{word.key}: {{{names[0]}}}: a consent document has no placeholders; write the words out"
        yield Fault(file=word.file, line=word.line, message=message)


def _known(place: Place, used: set[Place]) -> bool:
    """Whether a place was read, or something below it."""
    return any(one[: len(place)] == place for one in used)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0
