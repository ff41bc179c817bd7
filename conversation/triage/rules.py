"""The rules of triage as the word files give them, compiled: patterns, and guards that silence them.

A guard is what makes a symptom's name harmless: a denial before it, a question in general, somebody's grandmother.
Each works on the clause where the pattern met, so that `no fever, but I fainted` is still heard.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from rapidfuzz.distance import OSA

from conversation.language import common_words
from conversation.language.index import PatternIndex
from conversation.language.patterns import (
    BrokenPatterns,
    by_first_letter,
    compile_all,
    compile_pattern,
    expand_groups,
    list_of,
    read_word_files,
)
from conversation.triage.verdict import Severity, TriageKind

FOLDER = Path(__file__).parent / "words"
Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, kw_only=True)
class Guard:
    """`before`: words right ahead of the match; `clause`, `sentence`: anywhere in it; `unless`: takes the guard off."""

    before: Patterns
    clause: Patterns
    sentence: Patterns
    unless: Patterns

    def silences(self, *, ahead: str, clause: str, sentence: str) -> bool:
        """Is the match behind the words `ahead`, in this clause and sentence, harmless?"""
        if any(pattern.search(sentence) for pattern in self.unless):
            return False
        return (
            any(pattern.search(ahead) for pattern in self.before)
            or any(pattern.search(clause) for pattern in self.clause)
            or any(pattern.search(sentence) for pattern in self.sentence)
        )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Patterns that tell of one kind of trouble. `name` is what a coordinator is shown."""

    name: str
    kind: TriageKind
    severity: Severity
    patterns: Patterns
    guards: tuple[Guard, ...]


@dataclass(frozen=True, kw_only=True)
class RuleBook:
    """One language's rules. `breaks` splits a sentence into clauses, `idioms` are cut out first."""

    rules: tuple[Rule, ...]
    idioms: PatternIndex
    breaks: re.Pattern[str]
    spelling: Mapping[str, str]
    fuzzy: Mapping[str, tuple[str, ...]]
    """First letter → listed words, the most telling first."""
    known: frozenset[str]
    entries: PatternIndex
    """Every pattern of every rule, in the order of the file."""
    owners: tuple[Rule, ...]
    """The rule of each entry."""

    def likely(self, sentence: str) -> Iterator[tuple[Rule, Patterns]]:
        """The rules, each with its patterns, that may meet the sentence or a part of it; no other can."""
        for rule, places in groupby(self.entries.pick(sentence), key=self.owners.__getitem__):
            yield rule, tuple(self.entries.patterns[place] for place in places)

    def respell(self, sentence: str) -> str:
        """The sentence with words set right that are listed as misspelt, or within a slip or two of a long listed word."""
        return " ".join(self._right(word) for word in sentence.split())

    def _right(self, word: str) -> str:
        if word in self.spelling:
            return self.spelling[word]
        if len(word) < 6 or word in self.known:
            return word
        for right in self.fuzzy.get(word[0], ()):
            slips = 1 if len(right) < 10 else 2
            if OSA.distance(word, right, score_cutoff=slips) <= slips:
                return right
        return word


@cache
def load_rules(folder: Path = FOLDER) -> Mapping[str, RuleBook]:
    """Language → its rules; `BrokenPatterns` names the file and what is wrong with it."""
    return {language: _compile(content, language) for language, content in read_word_files(folder).items()}


def _compile(content: dict[str, Any], language: str) -> RuleBook:
    where = f"triage/words/{language}.yml"
    groups = expand_groups(content, where)

    def section(mapping: dict[str, Any], name: str) -> Patterns:
        return compile_all(list_of(mapping, name, where), groups, where)

    def ahead(mapping: dict[str, Any]) -> Patterns:
        return compile_all((f"(?:{each})$" for each in list_of(mapping, "before", where)), groups, where)

    guards: dict[str, Guard] = {}
    for name, parts in _mapping(content, "guards", where).items():
        if not isinstance(parts, dict) or set(parts) - {"before", "clause", "sentence", "unless"}:
            raise BrokenPatterns(f"{where}: guard '{name}' takes before, clause, sentence and unless")
        guards[name] = Guard(
            before=ahead(parts),
            clause=section(parts, "clause"),
            sentence=section(parts, "sentence"),
            unless=section(parts, "unless"),
        )
    rules = []
    for name, parts in _mapping(content, "rules", where).items():
        try:
            kind = TriageKind(str(name).split("/")[0])
            severity = Severity[str(parts["severity"]).upper()]
            chosen = tuple(guards[guard] for guard in parts.get("guards", []))
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenPatterns(
                f"{where}: rule '{name}' must be called kind/name, with severity, guards that exist and patterns ({error})"
            ) from error
        patterns = section(parts, "patterns")
        rules.append(Rule(name=f"{language}/{name}", kind=kind, severity=severity, patterns=patterns, guards=chosen))
    spelling = _mapping(content, "spelling", where)
    fuzzy = tuple(list_of(content, "fuzzy", where))
    breaks = list_of(content, "breaks", where)
    return RuleBook(
        rules=tuple(rules),
        idioms=PatternIndex(section(content, "idioms")),
        breaks=compile_pattern("|".join([",", *breaks]), groups, where),
        spelling={wrong: str(right) for right in spelling for wrong in list_of(spelling, right, where)},
        fuzzy=by_first_letter(fuzzy),
        known=frozenset(fuzzy) | frozenset(list_of(content, "known", where)) | common_words(language),
        entries=PatternIndex(pattern for rule in rules for pattern in rule.patterns),
        owners=tuple(rule for rule in rules for _ in rule.patterns),
    )


def _mapping(content: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    value = content.get(name) or {}
    if not isinstance(value, dict):
        raise BrokenPatterns(f"{where}: '{name}' must be a mapping")
    return value
