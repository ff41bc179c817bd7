"""Triage by explicit patterns: every sentence, clause by clause, against the rules of the languages served."""

from collections.abc import Iterator

from conversation.language import leaning
from conversation.language.text import split_sentences
from conversation.triage.rules import Patterns, Rule, RuleBook, load_rules
from conversation.triage.verdict import Severity, Triage, Trigger, verdict_of

LONGEST = 4000
"""Characters judged from each end of a longer text: what matters stands at the beginning or at the end."""

FOREIGN = 2
"""Words of another language, and none of its own, that make a sentence foreign to a rule book."""


def triage(text: str, *, languages: tuple[str, ...] = ("en", "es")) -> Triage:
    """The verdict on `text`, by the rules of `languages` (those without a word file have none). Deterministic.

    Everybody's message is judged by the rules of all languages served: in distress people fall back to their first.
    """
    read = text if len(text) <= 2 * LONGEST else f"{text[:LONGEST]}\n{text[-LONGEST:]}"
    sentences = split_sentences(read)
    books = load_rules()
    found: dict[tuple[str, str], Trigger] = {}
    for sentence in sentences:
        counted = leaning(sentence, languages)
        for language in languages:
            if language not in books:
                continue
            # Words that look alike in two languages (`tia`, `nausea`) mislead only the other language's rules.
            foreign = counted[language] == 0 and max(counted.values()) >= FOREIGN
            for trigger in _judge(sentence, books[language], critical_only=foreign):
                found.setdefault((trigger.rule, trigger.matched), trigger)
    return verdict_of(tuple(found.values()))


def _judge(sentence: str, book: RuleBook, *, critical_only: bool) -> Iterator[Trigger]:
    plain = book.idioms.cut(book.respell(sentence))
    clauses = [clause.strip() for clause in book.breaks.split(plain)]
    whole = " ".join(plain.replace(",", " ").split())
    for rule, patterns in book.likely(plain):
        if critical_only and rule.severity is not Severity.CRITICAL:
            continue
        for clause in clauses:
            yield from _apply(rule, patterns, clause, plain)
        if rule.severity is Severity.CRITICAL and len(clauses) > 1:
            # What is critical must not be lost to a comma or an `and` in an odd place.
            yield from _apply(rule, patterns, whole, plain)


def _apply(rule: Rule, patterns: Patterns, clause: str, sentence: str) -> Iterator[Trigger]:
    for pattern in patterns:
        for match in pattern.finditer(clause):
            ahead = clause[: match.start()].rstrip()
            if not any(guard.silences(ahead=ahead, clause=clause, sentence=sentence) for guard in rule.guards):
                yield Trigger(rule=rule.name, kind=rule.kind, severity=rule.severity, matched=match[0])
                break
