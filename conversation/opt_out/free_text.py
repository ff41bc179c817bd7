"""Revoking in one's own words: a clear wish is obeyed, a doubtful one asked about, a medical `stop` left alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from rapidfuzz.distance import OSA

from conversation.language.index import PatternIndex
from conversation.language.patterns import (
    BrokenPatterns,
    by_first_letter,
    compile_all,
    expand_groups,
    list_of,
    read_word_files,
)
from conversation.language.text import fold, split_sentences
from conversation.messages import ChannelName
from conversation.opt_out.keywords import FOLDER, Keyword, keyword
from conversation.opt_out.learned import judge_sentences, load_model
from conversation.text_model import Model

PLAIN = 0.4
"""The learned judge's sum from which a wish is plain where the patterns found none (`learn --check`, corpus `fresh`)."""

PLAINER = 0.6
"""The same where the patterns find the wish doubtful, or its occasion (`so often`, `at night`)."""

DOUBTFUL = 0.0
"""The sum from which it is worth asking."""

UNLIKELY = -0.3
"""Below, what the patterns find plain is asked about."""


class OptOutVerdict(StrEnum):
    """Does the person want no more messages?"""

    YES = "yes"
    ASK = "ask"
    """Perhaps: one question settles it."""
    NO = "no"


@dataclass(frozen=True, kw_only=True)
class _Words:
    """One language's word file, compiled. The sections are explained at the top of each file."""

    fillers: re.Pattern[str] | None
    spelling: Mapping[str, str]
    fuzzy: Mapping[str, tuple[str, ...]]
    alone: frozenset[str]
    never: PatternIndex
    unless: PatternIndex
    yes: PatternIndex
    ask: PatternIndex
    soften: PatternIndex
    keep: frozenset[str]
    only: Mapping[ChannelName, PatternIndex]
    named: Mapping[ChannelName, PatternIndex]
    named_by_contrast: Mapping[ChannelName, PatternIndex]


@cache
def _load(folder: Path = FOLDER) -> tuple[_Words, ...]:
    return tuple(_compile(content, f"opt_out/{language}.yml") for language, content in read_word_files(folder).items())


def _compile(content: dict[str, object], where: str) -> _Words:
    groups = expand_groups(content, where)

    def patterns(section: str) -> PatternIndex:
        return PatternIndex(compile_all(list_of(content, section, where), groups, where))

    def by_channel(section: str) -> Mapping[ChannelName, PatternIndex]:
        listed = content.get(section) or {}
        if not isinstance(listed, dict) or set(listed) - set(ChannelName):
            raise BrokenPatterns(f"{where}: '{section}' must map channels ({', '.join(ChannelName)}) to patterns")
        return {
            ChannelName(name): PatternIndex(compile_all(list_of(listed, name, where), groups, where)) for name in listed
        }

    spelling = content.get("spelling") or {}
    if not isinstance(spelling, dict):
        raise BrokenPatterns(f"{where}: 'spelling' must map a word to how it is also written")
    fillers = sorted(list_of(content, "fillers", where), key=len, reverse=True)
    return _Words(
        fillers=re.compile(rf"(?<!\S)(?:{'|'.join(fillers)})(?!\S)") if fillers else None,
        spelling={wrong: str(right) for right in spelling for wrong in list_of(spelling, right, where)},
        fuzzy=by_first_letter(list_of(content, "fuzzy", where)),
        alone=frozenset(list_of(content, "alone", where)),
        never=patterns("never"),
        unless=patterns("unless"),
        yes=patterns("yes"),
        ask=patterns("ask"),
        soften=patterns("soften"),
        keep=frozenset(fold(entry) for entry in list_of(content, "keep", where)),
        only=by_channel("only"),
        named=by_channel("named"),
        named_by_contrast=by_channel("named_by_contrast"),
    )


def _spell(word: str, words: _Words) -> str:
    if word in words.spelling:
        return words.spelling[word]
    near = words.fuzzy.get(word[0], ()) if len(word) >= 8 else ()
    if word not in near:
        for right in near:
            if OSA.distance(word, right, score_cutoff=2) <= 2:
                return right
    return word


def _respell(sentence: str, words: _Words) -> str:
    return " ".join(_spell(word, words) for word in sentence.split())


def _prepare(sentence: str, words: _Words) -> str:
    spelled = _respell(sentence, words)
    bare = words.fillers.sub(" ", spelled) if words.fillers else spelled
    return re.sub(r"(?: ,)+(?= ,|$)|^(?:, )+", "", " ".join(bare.split()))


def judge_opt_out(text: str) -> OptOutVerdict:
    """YES: stop writing to this person. ASK: put one question. NO: the message is about something else.

    A set word alone is YES too. Leaving a study, a medicine or an appointment is NO: those have their own ways.
    """
    if (word := keyword(text)) is not None:
        return OptOutVerdict.YES if word is Keyword.STOP else OptOutVerdict.NO
    sentences = split_sentences(text)
    readings = [_read(sentences, words) for words in _load()]
    if any(each.never for each in readings):
        return OptOutVerdict.NO
    found = next(verdict for verdict in OptOutVerdict if any(each.verdict is verdict for each in readings))
    if (model := load_model()) is not None:
        found = _weigh(found, sentences, model)
    if found is OptOutVerdict.YES and any(each.softened for each in readings):
        return OptOutVerdict.ASK
    return found


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """What one language's patterns make of a message."""

    verdict: OptOutVerdict
    never: bool = False
    softened: bool = False


def _read(sentences: tuple[str, ...], words: _Words) -> _Reading:
    prepared = [_prepare(sentence, words) for sentence in sentences]
    if any(words.never.meets(sentence) for sentence in prepared):
        return _Reading(verdict=OptOutVerdict.NO, never=True)
    softened = any(words.soften.meets(sentence) for sentence in prepared)
    verdict = OptOutVerdict.NO
    for sentence in prepared:
        sentence = words.unless.cut(sentence)
        alone = {" ".join(part.split()) for part in sentence.removesuffix(" ?").split(",")}
        if alone & words.alone or words.yes.meets(sentence):
            return _Reading(verdict=OptOutVerdict.YES, softened=softened)
        if words.ask.meets(sentence):
            verdict = OptOutVerdict.ASK
    return _Reading(verdict=verdict, softened=softened)


def _weigh(found: OptOutVerdict, sentences: tuple[str, ...], model: Model) -> OptOutVerdict:
    """The patterns' verdict and the learned judge's joined: one may make the other's plain or doubtful, none is deaf."""
    total = judge_sentences(model, sentences)
    if found is OptOutVerdict.YES:
        return found if total >= UNLIKELY else OptOutVerdict.ASK
    if total >= (PLAINER if found is OptOutVerdict.ASK else PLAIN):
        return OptOutVerdict.YES
    return OptOutVerdict.ASK if total >= DOUBTFUL else found


def narrowed(text: str) -> frozenset[ChannelName] | None:
    """The channels an opt-out is about, where the person says so; None: all of them, which is what an opt-out means.

    `no more emails` → {EMAIL}; `stop texting, email is fine` → {SMS}; `solo por correo` → all but EMAIL. `Text` and
    `message` alone name no channel. Call it after `judge_opt_out` (it doesn't judge whether there is an opt-out),
    or on a message in which it finds a channel to keep: `email only please` is an opt-out of the others.
    """
    only: set[ChannelName] = set()
    named: set[ChannelName] = set()
    by_contrast: set[ChannelName] = set()
    for words in _load():
        for sentence in split_sentences(text):
            rest = _respell(sentence, words)
            for channel, patterns in words.only.items():
                cut = patterns.cut(rest)
                only |= {channel} if cut != rest else set()
                rest = cut
            named |= {channel for channel, patterns in words.named.items() if patterns.meets(rest)}
            by_contrast |= {channel for channel, patterns in words.named_by_contrast.items() if patterns.meets(rest)}
    if only:
        stopped = (named | by_contrast) - only or set(ChannelName) - only
        return frozenset(stopped) or None
    return frozenset(named) if len(named | by_contrast) == 1 and named else None


def keep(text: str) -> bool:
    """After `are you sure?`: does the answer say that messages should go on?"""
    folded = fold(text)
    for words in _load():
        if folded in words.keep:
            return True
        bare = fold(_prepare(folded, words))
        if bare and bare in words.keep:
            return True
    return False
