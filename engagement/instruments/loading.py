"""Reads a pack's questionnaires, `eligibility.yml` and `check_ins.yml`, with every fault by file and line."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engagement.fhirpath import BadExpression, Expr, parse_expression
from engagement.instruments.model import CheckIn, Criterion, Eligibility, Instrument, Instruments, Threshold
from engagement.instruments.wordings import criterion_wordings, key_of, wordings_of
from engagement.questionnaires import BadQuestionnaire, parse_questionnaire
from engagement.reasons import REASONS
from engagement.words import Wording
from engagement.words.approvals import APPROVAL_ID
from engagement.yaml_lines import Document, Fault, Place, in_order, read_yaml

ELIGIBILITY, CHECK_INS, QUESTIONNAIRES = "eligibility.yml", "check_ins.yml", "questionnaires"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def load_instruments(
    folder: Path, *, study: str, languages: tuple[str, ...]
) -> tuple[Instruments, list[Wording], list[Fault]]:
    """The instruments of the pack in `folder`, their texts as words to be approved, and all faults."""
    faults: list[Fault] = []
    forms = dict(_forms(folder / QUESTIONNAIRES, faults))
    used: dict[str, str] = {}
    eligibility: Eligibility | None = None
    check_ins: tuple[CheckIn, ...] = ()
    if (document := _document(folder / ELIGIBILITY, faults)) is not None:
        eligibility = _Reader(document, forms, languages, faults, used).eligibility()
    if (document := _document(folder / CHECK_INS, faults)) is not None:
        check_ins = _Reader(document, forms, languages, faults, used).check_ins()
    words: list[Wording] = []
    for name, instrument in forms.items():
        file = folder / QUESTIONNAIRES / f"{name}.json"
        if name not in used:
            faults.append(Fault(file=file, line=1, message=f"nothing uses the questionnaire '{name}'"))
            continue
        faults += _check_keys(instrument, file, languages)
        words += wordings_of(instrument, study=study, languages=languages, approval=used[name], file=file)
    if eligibility is not None:
        words += criterion_wordings(
            eligibility, study=study, approval=used[eligibility.questionnaire], file=folder / ELIGIBILITY
        )
    made = Instruments(study=study, forms=forms, eligibility=eligibility, check_ins=check_ins)
    return made, words, in_order(faults)


def _forms(folder: Path, faults: list[Fault]) -> Iterable[tuple[str, Instrument]]:
    for file in sorted(folder.glob("*.json")):
        if not _NAME.fullmatch(file.stem):
            faults.append(Fault(file=file, line=1, message="the file's name is small letters, digits and _"))
            continue
        raw = file.read_bytes()
        try:
            form = parse_questionnaire(raw)
        except BadQuestionnaire as bad:
            faults += [Fault(file=file, line=1, message=line) for line in str(bad).splitlines()]
            continue
        faults += [
            Fault(file=file, line=1, message=f"{note.link_id}: {note.feature} is not supported")
            for note in form.notes
            if note.kind == "unsupported"
        ]
        yield file.stem, Instrument(name=file.stem, form=form, sha256=hashlib.sha256(raw).hexdigest())


def _check_keys(instrument: Instrument, file: Path, languages: tuple[str, ...]) -> Iterable[Fault]:
    seen: dict[str, str] = {}
    for item in instrument.form.items:
        key = key_of(instrument.name, item)
        if seen.setdefault(key, item.link_id) != item.link_id:
            message = f"the linkIds '{seen[key]}' and '{item.link_id}' are too much alike"
            yield Fault(file=file, line=1, message=message)
        for language in languages:
            for words in (item.text, item.help, *(option.words for option in item.options)):
                spoken = {code.partition("-")[0] for code, _ in words.translations}
                if words and language != (instrument.form.language or "en") and language not in spoken:
                    yield Fault(file=file, line=1, message=f"{item.link_id}: a text is missing in '{language}'")


def _document(file: Path, faults: list[Fault]) -> Document | None:
    if not file.exists():
        return None
    document, broken = read_yaml(file)
    faults += broken
    if document is not None and not isinstance(document.data, dict):
        faults.append(document.fault("must be a mapping of fields"))
        return None
    return document


class _Reader:
    """One of the two files, field by field."""

    def __init__(
        self,
        document: Document,
        forms: Mapping[str, Instrument],
        languages: tuple[str, ...],
        faults: list[Fault],
        used: dict[str, str],
    ) -> None:
        self._document, self._forms, self._languages = document, forms, languages
        self._faults, self._used = faults, used
        approval = document.at("approval")
        if not isinstance(approval, str) or not APPROVAL_ID.fullmatch(approval):
            self._fault("approval: the approval id is missing, such as PRN-WORDS-1", "approval")
            approval = ""
        self._approval = approval

    def eligibility(self) -> Eligibility | None:
        self._known(("approval", "questionnaire", "name_criterion", "criteria"))
        name = self._questionnaire("questionnaire")
        naming = self._document.at("name_criterion")
        if not isinstance(naming, bool):
            self._fault("name_criterion: must be true or false", "name_criterion")
        criteria = []
        for index in self._entries("criteria"):
            place: Place = ("criteria", index)
            self._known(("id", "version", "expression", "meaning"), *place)
            expression, version = self._expression(*place), self._document.at(*place, "version")
            if not isinstance(version, int) or version < 1:
                self._fault("version: must be a whole number from 1", *place)
            elif expression is not None:
                criteria.append(
                    Criterion(
                        id=self._id(*place),
                        version=version,
                        text=expression[0],
                        expression=expression[1],
                        meaning=self._translated(*place, "meaning"),
                    )
                )
        if name is None:
            return None
        return Eligibility(questionnaire=name, name_criterion=naming is True, criteria=tuple(criteria))

    def check_ins(self) -> tuple[CheckIn, ...]:
        self._known(("approval", "check_ins"))
        made = []
        for index in self._entries("check_ins"):
            place: Place = ("check_ins", index)
            self._known(("questionnaire", "every_days", "title", "scores", "thresholds"), *place)
            name, every = self._questionnaire(*place, "questionnaire"), self._document.at(*place, "every_days")
            if not isinstance(every, int) or not 1 <= every <= 3660:
                self._fault("every_days: must be a whole number of days", *place)
                continue
            thresholds = [
                found
                for number in self._entries(*place, "thresholds", needed=False)
                if (found := self._threshold(*place, "thresholds", number)) is not None
            ]
            if name is not None:
                made.append(
                    CheckIn(
                        questionnaire=name,
                        every_days=every,
                        title=self._translated(*place, "title"),
                        scores=self._scores(name, *place, "scores"),
                        thresholds=tuple(thresholds),
                    )
                )
        return tuple(made)

    def _threshold(self, *place: str | int) -> Threshold | None:
        self._known(("id", "expression", "reason", "meaning"), *place)
        expression, reason = self._expression(*place), self._document.at(*place, "reason")
        if reason not in REASONS:
            self._fault(f"reason: must be one of {', '.join(sorted(REASONS))}", *place, "reason")
            return None
        if expression is None:
            return None
        return Threshold(
            id=self._id(*place),
            text=expression[0],
            expression=expression[1],
            reason=reason,
            meaning=self._translated(*place, "meaning"),
        )

    def _scores(self, name: str, *place: str | int) -> tuple[str, ...]:
        given = self._document.at(*place) or []
        known = [one for one in given if isinstance(one, str) and self._forms[name].form.item(one) is not None]
        if not isinstance(given, list) or len(known) != len(given):
            self._fault("scores: must be linkIds of the questionnaire", *place)
        return tuple(known)

    def _questionnaire(self, *place: str | int) -> str | None:
        name = self._document.at(*place)
        if name not in self._forms:
            self._fault(f"questionnaire: there is no {QUESTIONNAIRES}/{name}.json that can be read", *place)
            return None
        self._used.setdefault(name, self._approval)
        return str(name)

    def _expression(self, *place: str | int) -> tuple[str, Expr] | None:
        text = self._document.at(*place, "expression")
        if not isinstance(text, str):
            self._fault("expression: is missing", *place)
            return None
        try:
            return text, parse_expression(text)
        except BadExpression as bad:
            self._fault(f"expression: {bad}", *place, "expression")
            return None

    def _id(self, *place: str | int) -> str:
        found = self._document.at(*place, "id")
        if not isinstance(found, str) or not _NAME.fullmatch(found):
            self._fault("id: must be small letters, digits and _", *place)
        return str(found)

    def _translated(self, *place: str | int) -> dict[str, str]:
        found = self._document.at(*place)
        texts = {language: found.get(language) for language in self._languages} if isinstance(found, dict) else {}
        missing = [language for language in self._languages if not isinstance(texts.get(language), str)]
        if missing:
            self._fault(f"{place[-1]}: has no text in {', '.join(missing)}", *place)
        return {language: text for language, text in texts.items() if isinstance(text, str)}

    def _entries(self, *place: str | int, needed: bool = True) -> range:
        found: Any = self._document.at(*place)
        if found is None and not needed:
            return range(0)
        if not isinstance(found, list) or not found or not all(isinstance(entry, dict) for entry in found):
            self._fault(f"{place[-1]}: must be a list of entries with fields", *place)
            return range(0)
        return range(len(found))

    def _known(self, names: tuple[str, ...], *place: str | int) -> None:
        for name in self._document.at(*place) if place else self._document.data:
            if name not in names:
                self._fault(f"unknown field '{name}'", *place, name)

    def _fault(self, message: str, *place: str | int) -> None:
        self._faults.append(self._document.fault(message, *place))
