"""A consent document as a study pack says it: frozen values, read by `loading`, told by `walk`, signed by `signatures`.

Its words are written out in the pack and have no placeholders, so that what was agreed to is what the files say, and one
hash names it for good.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

MODES = ("explain_only", "electronic")
"""explain_only: it is signed elsewhere, and the hand-over is recorded. electronic: it is signed on our web page."""
SIGNERS = ("participant", "representative", "assent", "witness", "staff")
KEY_INFORMATION = "key_information"
"""The section that comes first: 45 CFR 46.116(a)(5)(i)."""
_KEYS = "consent"


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text by language, under the content key that it is published as. `sms`: shorter, and without private words."""

    key: str
    words: Mapping[str, str]
    sms: Mapping[str, str] = field(default_factory=dict)

    def in_(self, language: str) -> str:
        """The words in this language; every language of the study has them."""
        return self.words[language]


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question that people ask about a section. `ask`: by language, ways to ask it, of which `asked` is the first."""

    asked: Text
    ask: Mapping[str, tuple[str, ...]]
    answer: Text


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of the document: a title, a text of one turn, what "tell me more" adds, and what people ask."""

    id: str
    title: Text
    text: Text
    more: Text | None
    questions: tuple[Question, ...]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One teach-back question. `right`: numbers (from 1) of the options that show understanding.

    `understood`, `mistaken`: by language, phrases of an open answer that show it or show the opposite; phrases are small
    regular expressions over folded words, as in `engagement/answers/words`.
    """

    text: Text
    options: tuple[Text, ...]
    right: frozenset[int]
    understood: Mapping[str, tuple[str, ...]]
    mistaken: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One thing to be understood: two questions in different words, and what is explained after a wrong answer.

    `section`: the id of the section that is about it.
    """

    id: str
    section: str
    correction: Text
    checks: tuple[Check, Check]


@dataclass(frozen=True, kw_only=True)
class PermissionAsked:
    """One permission with a yes or no of its own. `purpose`, `scope`: as in `engagement.permissions`; "" for no scope.

    `needed`: the study can't be done without it.
    """

    id: str
    purpose: str
    scope: str
    needed: bool
    text: Text


@dataclass(frozen=True, kw_only=True)
class ConsentDocument:
    """One version. `effective` to `expires`: days, both included, in the study's time zone.

    `signers`: of `SIGNERS`. `agreement`: the sentence that a signature stands under. `assent`: the same in words for the one
    who is represented, None where nobody assents. `changes`: what is new, None in a first version.
    """

    study: str
    version: str
    approval: str
    effective: date
    expires: date
    mode: str
    signers: tuple[str, ...]
    languages: tuple[str, ...]
    title: Text
    sections: tuple[Section, ...]
    permissions: tuple[PermissionAsked, ...]
    concepts: tuple[Concept, ...]
    agreement: Text
    assent: Text | None = None
    changes: Text | None = None

    @property
    def key(self) -> str:
        """What the content keys of this version begin with."""
        return key_of(self.version)

    def section(self, id_: str) -> Section:
        """The section of this id. Raises `KeyError`."""
        return {section.id: section for section in self.sections}[id_]

    def texts(self) -> Iterator[Text]:
        """Every text that somebody may read, in the document's order, teach-back last."""
        yield self.title
        for section in self.sections:
            yield section.title
            yield section.text
            if section.more is not None:
                yield section.more
            for question in section.questions:
                yield question.asked
                yield question.answer
        yield from (permission.text for permission in self.permissions)
        yield self.agreement
        yield from (text for text in (self.assent, self.changes) if text is not None)
        for concept in self.concepts:
            yield concept.correction
            for check in concept.checks:
                yield check.text
                yield from check.options

    def agreed(self) -> Iterator[Text]:
        """The texts that a signature agrees to: all but those of the teach-back and the list of changes."""
        asked = {text.key for concept in self.concepts for text in _told(concept)}
        changes = self.changes.key if self.changes is not None else ""
        yield from (text for text in self.texts() if text.key not in asked and text.key != changes)

    def sha256(self, language: str) -> str:
        """SHA-256 (64 hex digits) of the exact words agreed to in this language.

        Over canonical JSON of study, version, language and [key, words] of each text in order.
        """
        said = {
            "study": self.study,
            "version": self.version,
            "language": language,
            "texts": [[text.key, text.in_(language)] for text in self.agreed()],
        }
        canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Consents:
    """All versions of one study, by the day they take effect."""

    study: str = ""
    documents: tuple[ConsentDocument, ...] = ()

    def in_force(self, on: date) -> ConsentDocument | None:
        """The newest version in force on a day of the study's time zone."""
        there = [document for document in self.documents if document.effective <= on <= document.expires]
        return max(there, key=lambda document: document.effective, default=None)

    def version(self, version: str) -> ConsentDocument | None:
        """The document of this version, in force or not."""
        return next((document for document in self.documents if document.version == version), None)


def key_of(version: str) -> str:
    """Version "1.2" → "consent/v1_2"."""
    return f"{_KEYS}/v{version.replace('.', '_')}"


def changed_sections(old: ConsentDocument, new: ConsentDocument) -> tuple[str, ...]:
    """Ids of the sections of `new` that say something else than in `old`, in any language, or are new."""
    before = {section.id: _words(section) for section in old.sections}
    return tuple(section.id for section in new.sections if before.get(section.id) != _words(section))


def changed_permissions(old: ConsentDocument, new: ConsentDocument) -> tuple[PermissionAsked, ...]:
    """Permissions of `new` that are asked in other words than in `old`, for something else, or for the first time."""
    before = {each.id: (each.purpose, each.scope, dict(each.text.words)) for each in old.permissions}
    return tuple(
        each for each in new.permissions if before.get(each.id) != (each.purpose, each.scope, dict(each.text.words))
    )


def _words(section: Section) -> list[Mapping[str, str]]:
    asked = [text.words for question in section.questions for text in (question.asked, question.answer)]
    return [section.title.words, section.text.words, section.more.words if section.more else {}, *asked]


def _told(concept: Concept) -> Iterator[Text]:
    yield concept.correction
    for check in concept.checks:
        yield check.text
        yield from check.options
