"""Triage: every sentence, clause by clause, against the rules of the languages served, then weighed by the learned judge."""

import re
from collections.abc import Iterator, Mapping
from functools import partial, reduce

from conversation.language import leaning
from conversation.language.text import split_sentences
from conversation.triage.features import features_of, load_lexicon
from conversation.triage.judgement import Judgement
from conversation.triage.learned import UNTAUGHT, add_found, load_model, weigh, words_for
from conversation.triage.rules import Patterns, Rule, RuleBook, load_rules
from conversation.triage.verdict import Severity, Triage, Trigger, verdict_of

LONGEST = 4000
"""Characters judged from each end of a longer text: what matters stands at the beginning or at the end."""

LEAST_WORDS = 2
"""Of a sentence that the learned judge is asked about: "170 lbs" is an answer, and one word says what a pattern knows."""
_WORD = re.compile(r"[^\W\d_]{2,}")

FOREIGN = 2
"""Words of another language, and none of its own, that make a sentence foreign to a rule book."""


def triage(text: str, *, languages: tuple[str, ...] = ("en", "es")) -> Triage:
    """The verdict on `text` by both judges, or by the patterns alone where the learned one is missing. Deterministic.

    Everybody's message is judged by the rules of all languages served: in distress people fall back to their first.
    """
    return judge_words(text, languages=languages).verdict


def judge_words(text: str, *, languages: tuple[str, ...] = ("en", "es")) -> Judgement:
    """The verdict, and how near it was: what the bot's judge of sentence vectors may be joined with."""
    read, model = _ends(text), load_model()
    triggers: dict[tuple[str, str], Trigger] = {}
    sums = []
    for sentence, found in zip(split_sentences(read), by_patterns(read, languages=languages), strict=True):
        if model is None or len(_WORD.findall(sentence)) < LEAST_WORDS:
            kept, said = found, UNTAUGHT
        else:
            features = features_of(sentence, load_lexicon())
            said = model.sums(features)
            kept = weigh(found, said, partial(words_for, model, features))
        sums.append(add_found(found, said))
        triggers.update({(each.rule, each.matched): each for each in kept})
    return Judgement(verdict=verdict_of(tuple(triggers.values())), sums=reduce(_highest, sums or [UNTAUGHT]))


def _highest(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(map(max, one, other))


def by_patterns(text: str, *, languages: tuple[str, ...] = ("en", "es")) -> tuple[tuple[Trigger, ...], ...]:
    """What the rules of `languages` (those without a word file have none) find, sentence by sentence."""
    books = load_rules()
    return tuple(_in_sentence(sentence, books, languages) for sentence in split_sentences(_ends(text)))


def _ends(text: str) -> str:
    return text if len(text) <= 2 * LONGEST else f"{text[:LONGEST]}\n{text[-LONGEST:]}"


def _in_sentence(sentence: str, books: Mapping[str, RuleBook], languages: tuple[str, ...]) -> tuple[Trigger, ...]:
    counted = leaning(sentence, languages)
    found: dict[tuple[str, str], Trigger] = {}
    for language in languages:
        if language not in books:
            continue
        # Words that look alike in two languages (`tia`, `nausea`) mislead only the other language's rules.
        foreign = counted[language] == 0 and max(counted.values()) >= FOREIGN
        for trigger in _judge(sentence, books[language], critical_only=foreign):
            found.setdefault((trigger.rule, trigger.matched), trigger)
    return tuple(found.values())


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
