"""Reads a pack's consent documents, `consent/<version>/document.yml` and one file a language, with every fault by line."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from engagement.answers.text import read_text
from engagement.answers.vocabulary import BrokenWords, Phrases
from engagement.consent.document import (
    KEY_INFORMATION,
    MODES,
    SIGNERS,
    Check,
    Concept,
    ConsentDocument,
    Consents,
    PermissionAsked,
    Question,
    Section,
    key_of,
)
from engagement.consent.pages import Pages
from engagement.consent.understanding import Shown, read_open
from engagement.purposes import PURPOSES, WHOLE
from engagement.words import Wording
from engagement.words.approvals import APPROVAL_ID
from engagement.yaml_lines import Document, Fault, Place, in_order, read_yaml

CONSENT, DOCUMENT = "consent", "document.yml"
REQUIRED_CONCEPTS = ("voluntary", "data", "risks", "leaving", "contact")
"""What nobody may agree to without having understood it, whatever the study (45 CFR 46.116(b))."""
_ASKED = [purpose.name for purpose in PURPOSES.values() if purpose.asked]
_ID = re.compile(r"[a-z][a-z0-9_]*")
_VERSION = re.compile(r"\d+(?:\.\d+)*")
_FIELDS = ("version", "approval", "effective", "expires", "mode", "signers", "sections", "permissions", "concepts")


def load_consents(
    folder: Path, *, study: str, languages: tuple[str, ...]
) -> tuple[Consents, list[Wording], list[Fault]]:
    """The consent documents of the pack in `folder`, their texts as words to be approved, and all faults."""
    documents: list[ConsentDocument] = []
    read: dict[str, Document] = {}
    words: list[Wording] = []
    faults: list[Fault] = []
    for file in sorted((folder / CONSENT).glob(f"*/{DOCUMENT}")):
        structure, broken = read_yaml(file)
        faults += broken
        if structure is None or not isinstance(structure.data, dict):
            faults += [] if structure is None else [structure.fault("must be a mapping of fields")]
            continue
        reader = _Reader(structure, study=study, languages=languages)
        document = reader.document()
        words += reader.pages.words
        faults += [*reader.faults, *reader.pages.faults()]
        if document is not None:
            documents.append(document)
            read[document.version] = structure
    documents.sort(key=lambda document: (document.effective, document.version))
    faults += _check_following(documents, read)
    return Consents(study=study, documents=tuple(documents)), words, in_order(faults)


def _check_following(documents: Sequence[ConsentDocument], read: Mapping[str, Document]) -> Iterable[Fault]:
    for earlier, later in pairwise(documents):
        structure = read[later.version]
        if earlier.effective == later.effective:
            yield structure.fault(f"effective: version {earlier.version} takes effect on the same day", "effective")
        if later.changes is None:
            yield structure.fault(
                "a later version says what is new: 'changes' is missing in the files of its languages"
            )


class _Reader:
    """One version: its structure, and its words from the files of its languages."""

    def __init__(self, structure: Document, *, study: str, languages: tuple[str, ...]) -> None:
        self._structure, self._study, self._languages = structure, study, languages
        self.faults: list[Fault] = []
        approval, version = structure.at("approval"), structure.at("version")
        if not isinstance(approval, str) or not APPROVAL_ID.fullmatch(approval):
            self._fault("approval: the approval id is missing, such as PRN-WORDS-1", "approval")
            approval = ""
        if not isinstance(version, str) or version != structure.file.parent.name or not _VERSION.fullmatch(version):
            self._fault('version: must be the folder\'s name, such as "1.0", in quotes', "version")
            version = "0"
        self._approval, self._version = approval, version
        self.pages = Pages(
            structure.file.parent, key=key_of(version), study=study, languages=languages, approval=approval
        )

    def document(self) -> ConsentDocument | None:
        for name in self._structure.data:
            if name not in _FIELDS:
                self._fault(f"unknown field '{name}'", name)
        effective, expires = self._day("effective"), self._day("expires")
        if effective and expires and effective >= expires:
            self._fault("expires: must be after effective", "expires")
        mode = self._one_of("mode", MODES)
        signers = tuple(map(str, self._list("signers")))
        if unknown := [signer for signer in signers if signer not in SIGNERS]:
            self._fault(f"signers: '{unknown[0]}' is none of {', '.join(SIGNERS)}", "signers")
        if not {"participant", "representative"} & set(signers):
            self._fault("signers: participant or representative must be among them", "signers")
        ids = tuple(map(str, self._list("sections")))
        if ids[:1] != (KEY_INFORMATION,):
            self._fault(f"sections: the first one is {KEY_INFORMATION} (45 CFR 46.116(a)(5))", "sections")
        sections = tuple(self._section(id_, index) for index, id_ in enumerate(ids))
        permissions = tuple(self._permission(index) for index in range(len(self._list("permissions"))))
        concepts = tuple(self._concept(index, ids) for index in range(len(self._list("concepts"))))
        for missing in set(REQUIRED_CONCEPTS) - {concept.id for concept in concepts}:
            self._fault(f"concepts: '{missing}' is missing", "concepts")
        for kind, given in (("sections", ids), ("permissions", permissions), ("concepts", concepts)):
            named = [each if isinstance(each, str) else each.id for each in given]
            if len(set(named)) < len(named):
                self._fault(f"{kind}: an id stands here twice", kind)
        title, agreement = self.pages.text("title"), self.pages.text("agreement")
        assent = self.pages.text("assent", needed="assent" in signers)
        changes = self.pages.text("changes", needed=False)
        if not effective or not expires or self.faults or self.pages.broken:
            return None
        return ConsentDocument(
            study=self._study,
            version=self._version,
            approval=self._approval,
            effective=effective,
            expires=expires,
            mode=mode,
            signers=signers,
            languages=self._languages,
            title=title,
            sections=sections,
            permissions=permissions,
            concepts=concepts,
            agreement=agreement,
            assent=assent if assent.words else None,
            changes=changes if changes.words else None,
        )

    def _section(self, id_: str, index: int) -> Section:
        self._id(id_, "sections", index)
        place, key = ("sections", id_), f"section/{id_}"
        more = self.pages.text(f"{key}/more", *place, "more", needed=False)
        questions = tuple(
            Question(
                asked=self.pages.text(f"{key}/q{number + 1}/asked", *place, "questions", number, "ask", 0),
                ask=self.pages.lists(*place, "questions", number, "ask"),
                answer=self.pages.text(f"{key}/q{number + 1}", *place, "questions", number, "answer"),
            )
            for number in range(self.pages.count(*place, "questions"))
        )
        return Section(
            id=id_,
            title=self.pages.text(f"{key}/title", *place, "title"),
            text=self.pages.text(key, *place, "text"),
            more=more if more.words else None,
            questions=questions,
        )

    def _permission(self, index: int) -> PermissionAsked:
        place: Place = ("permissions", index)
        id_ = self._id(self._structure.at(*place, "id"), *place)
        purpose, scope = self._structure.at(*place, "purpose"), self._structure.at(*place, "scope") or ""
        known = PURPOSES.get(str(purpose))
        if known is None or not known.asked:
            self._fault(f"purpose: must be one of {', '.join(_ASKED)}", *place, "purpose")
        elif scope not in known.scopes:
            scopes = [each for each in known.scopes if each != WHOLE]
            self._fault(
                f"scope: must be one of {', '.join(scopes)}" if scopes else f"scope: {purpose} has none",
                *place,
                "scope",
            )
        return PermissionAsked(
            id=id_,
            purpose=str(purpose),
            scope=str(scope),
            needed=self._structure.at(*place, "needed") is True,
            text=self.pages.text(f"permission/{id_}", "permissions", id_),
        )

    def _concept(self, index: int, sections: tuple[str, ...]) -> Concept:
        place: Place = ("concepts", index)
        id_ = self._id(self._structure.at(*place, "id"), *place)
        section = str(self._structure.at(*place, "section"))
        if section not in sections:
            self._fault(f"section: '{section}' is no section", *place, "section")
        right = self._structure.at(*place, "right")
        if not isinstance(right, list) or len(right) != 2:
            self._fault("right: a list of two, the number of the right option of each question", *place)
            right = [0, 0]
        if self.pages.count("concepts", id_, "checks") != 2:
            self._fault(f"{id_}: needs two questions in every language", *place)
        first, second = (self._check(id_, number, right[number], place) for number in range(2))
        if any(first.text.words.get(language) == second.text.words.get(language) for language in self._languages):
            self._fault(f"{id_}: the second question must ask in other words", *place)
        correction = self.pages.text(f"concept/{id_}/correction", "concepts", id_, "correction")
        return Concept(id=id_, section=section, correction=correction, checks=(first, second))

    def _check(self, concept: str, number: int, right: Any, structure: Place) -> Check:
        place: Place = ("concepts", concept, "checks", number)
        key = f"concept/{concept}/q{number + 1}"
        count = self.pages.count(*place, "options")
        options = tuple(self.pages.text(f"{key}/o{n + 1}", *place, "options", n) for n in range(count))
        numbers = frozenset(right if isinstance(right, list) else [right])
        if count < 2 or not numbers or not all(isinstance(n, int) and 0 < n <= count for n in numbers):
            self._fault(f"{concept}: a question has two options or more, and a right one", *structure, "right")
        check = Check(
            text=self.pages.text(key, *place, "question"),
            options=options,
            right=numbers,
            understood=self.pages.lists(*place, "understood"),
            mistaken=self.pages.lists(*place, "mistaken"),
        )
        self._check_phrases(check, concept, place)
        self.pages.check_together(check, *place)
        return check

    def _check_phrases(self, check: Check, concept: str, place: Place) -> None:
        """The phrases of open answers can be used, and agree with the options."""
        for language in self._languages:
            for name, said in (("understood", check.understood), ("mistaken", check.mistaken)):
                try:
                    Phrases(list(said.get(language, ())), "phrases")
                except BrokenWords as broken:
                    self.pages.fault(language, f"{concept}: {name}: {broken}", *place, name)
                    return
            for number, option in enumerate(check.options, start=1):
                found = read_open(read_text(option.words.get(language, "")), check, language=language)
                wanted = Shown.UNDERSTOOD if number in check.right else Shown.MISTAKEN
                if found not in (None, wanted, Shown.UNSURE):
                    message = f"{concept}: the phrases read option {number} as {found.value}"
                    self.pages.fault(language, message, *place, "options", number - 1)

    def _day(self, name: str) -> date | None:
        given = self._structure.at(name)
        if not isinstance(given, date) or isinstance(given, datetime):
            self._fault(f"{name}: must be a day such as 2026-11-24", name)
            return None
        return given

    def _one_of(self, name: str, values: tuple[str, ...]) -> str:
        given = self._structure.at(name)
        if given not in values:
            self._fault(f"{name}: must be one of {', '.join(values)}", name)
        return str(given)

    def _list(self, name: str) -> list[Any]:
        given = self._structure.at(name)
        if not isinstance(given, list) or not given:
            self._fault(f"{name}: must be a list with at least one entry", name)
            return []
        return given

    def _id(self, given: Any, *place: str | int) -> str:
        if not isinstance(given, str) or not _ID.fullmatch(given):
            self._fault("id: must be small letters, digits and _", *place)
        return str(given)

    def _fault(self, message: str, *place: str | int) -> None:
        self.faults.append(self._structure.fault(message, *place))
