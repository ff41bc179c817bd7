"""Which language to answer in: the one on record, until the person asks for another or plainly writes in it.

A wrong switch is worse than a late one, so set words, names, digits, laughs and short texts never switch; a word from
the person (`español`, `in English please`) always does.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from conversation.language.detect import detect_probabilities
from conversation.language.evidence import Evidence, load_evidence, marks_of, neutral_words, people_names, word_owners
from conversation.language.letters import word_likelihoods
from conversation.language.text import fold, split_sentences

PRIOR = 0.8
"""Weight of the language on record, measured on short texts: without it 89 % right, with it 95 %."""
SURE = 0.95
LETTERS = 8
TELLING = 3
"""Letters that a text must have in all to switch a language, and in words that are not neutral."""
WORD_ODDS = math.log(20)
MARK_ODDS = math.log(10)
ENDING_ODDS = math.log(2.5)
PLAUSIBLE = -2.6
"""Log-likelihood a letter below which a word on no list is no word of any language served; uniform letters have -3.3."""
LETTERS_BELIEVED, LETTERS_LIMIT = 0.2, math.log(20)
LISTED_BELIEVED, LISTED_LIMIT = 0.12, 1.6
"""Share of what the letters of a word say that is believed (log odds), and the most for one word; the same for a listed word,
on top of its `WORD_ODDS`."""
PLAIN = 8.0
"""Log odds by which the letters of unlisted words must be of a language to take the place of a listed word."""
DETECTOR_LIMIT = 0.93
"""The detector is often wholly wrong on short texts, so it is never believed more than this where words are known."""
DETECTOR_LIMIT_ALONE = 0.995
FAR = 5
"""Known words ahead (11.5 in log odds) that the detector (at most 5.3) and the prior (1.4) can't make doubtful."""

_WORD = re.compile(r"[^\W\d_]+(?:['’‘`´ʼ][^\W\d_]+)*")
_BEGINS = re.compile(r"(?:^|[.!?…¿¡\n])\W*$")
_LAUGH = re.compile(r"(?:(?:j+[aeiou]+){2,}j*|(?:h+[aeo]+){2,}h*|a?(?:ja|ha)+j?h?|lo+l|x+d+|k{2,}|m{2,}|z{2,})")
_NO_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|\S*\d\S*")


class LanguageReason(StrEnum):
    """Why this language."""

    ASKED = "asked"
    DETECTED = "detected"
    SAME = "same"
    """The text is in the language on record."""
    TOO_SHORT = "too_short"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True)
class LanguageDecision:
    """The language to answer in, and whether that is a change."""

    language: str
    switched: bool
    reason: LanguageReason


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """Of a text: its folded words that may tell a language, their characters as written, its letters in all; does it have names?"""

    words: tuple[str, ...]
    characters: frozenset[str]
    letters: int
    named: bool


def decide_language(text: str, *, current: str, served: tuple[str, ...]) -> LanguageDecision:
    """The language to answer `text` in: one of `served` (ISO 639-1), `current` (on record) unless there is good reason.

    Deterministic. A `current` that is not served counts as the first of `served`.
    """
    stored = current if current in served else served[0]
    if (asked := _asked_for(text, served)) is not None:
        return LanguageDecision(language=asked, switched=asked != stored, reason=LanguageReason.ASKED)
    evidence = {language: found for language, found in load_evidence().items() if language in served}
    seen = _telling_words(text, served)
    if seen.letters < LETTERS or not seen.words:
        return LanguageDecision(language=stored, switched=False, reason=LanguageReason.TOO_SHORT)
    probabilities = _weigh(text, seen, stored, served, evidence)
    best = max(served, key=lambda language: probabilities[language])
    if best == stored:
        return LanguageDecision(language=stored, switched=False, reason=LanguageReason.SAME)
    if probabilities[best] < SURE or not _knows_a_word(text, seen, best, served, evidence):
        return LanguageDecision(language=stored, switched=False, reason=LanguageReason.UNSURE)
    return LanguageDecision(language=best, switched=True, reason=LanguageReason.DETECTED)


def _asked_for(text: str, served: tuple[str, ...]) -> str | None:
    sentences = [sentence.replace(" ,", "") for sentence in split_sentences(text)]
    asked = set()
    for language, evidence in load_evidence().items():
        for sentence in sentences:
            if evidence.not_asks.meets(sentence):
                continue
            if language in served and evidence.asks.meets(sentence):
                asked.add(language)
    return asked.pop() if len(asked) == 1 else None


def _telling_words(text: str, served: tuple[str, ...]) -> _Seen:
    """No addresses, digits, laughs, names; no words at all where only neutral ones are."""
    neutral, names, owners = neutral_words(served), people_names(served), word_owners(served)
    plain = _NO_WORDS.sub(" ", unicodedata.normalize("NFKC", text))
    found = list(_WORD.finditer(plain))
    titled = all(match[0][0].isupper() for match in found)
    shouted = plain.isupper()
    words: list[str] = []
    characters = set(plain) - {each for each in plain if each.isalpha()}
    dropped = letters = 0
    for match in found:
        # Amid small letters, a capital is a name's: `the Gonzalez family`, `living in Los Angeles`.
        name = not titled and match[0][0].isupper() and not _BEGINS.search(plain[: match.start()])
        for word in fold(match[0]).split():
            if _LAUGH.fullmatch(word):
                continue
            letters += len(word)
            if word in names or (name and len(word) > 1):
                dropped += 1
                continue
            words.append(word)
            characters.update(match[0].casefold())
    telling = [word for word in words if word not in neutral]
    if sum(len(word) for word in telling) < TELLING:
        # Alone, a neutral word says nothing; beside others, it is one of their letters.
        words, letters = telling, sum(len(word) for word in telling)
    named = bool(dropped) or (titled and not shouted)
    if not shouted and titled and sum(word in owners for word in telling) < min(2, len(found)):
        words = []  # a name, of a person or a place: `Guadalupe Ibarra`, `Buenos Aires`
    return _Seen(words=tuple(words), characters=frozenset(characters), letters=letters, named=named)


def _letter_odds(words: tuple[str, ...], served: tuple[str, ...]) -> dict[str, float]:
    """Language → natural log odds that the letters of the words speak for it; empty where a language has no model."""
    odds = dict.fromkeys(served, 0.0)
    owners = word_owners(served)
    for word in words:
        listed = word in owners
        share, limit = (LISTED_BELIEVED, LISTED_LIMIT) if listed else (LETTERS_BELIEVED, LETTERS_LIMIT)
        likelihoods = word_likelihoods(word, served)
        if likelihoods is None:
            return {}
        if not listed and max(likelihoods) < PLAUSIBLE * (len(word) + 1):
            continue  # nobody's word: keys pressed at random, a strange name
        for language, likelihood in zip(served, likelihoods, strict=True):
            others = max(each for name, each in zip(served, likelihoods, strict=True) if name != language)
            odds[language] += min(max(share * (likelihood - others), -limit), limit)
    return odds


def _weigh(
    text: str, seen: _Seen, stored: str, served: tuple[str, ...], evidence: dict[str, Evidence]
) -> dict[str, float]:
    owners = word_owners(served)
    known = [owners[word] for word in seen.words if word in owners]
    counts = sorted((known.count(language) for language in served), reverse=True)
    # Two words of one language and none of another outweigh letter statistics, which err on short texts; a lead of
    # `FAR` words they can't take back.
    settled = len(known) >= 2 and (len(set(known)) == 1 or counts[0] - counts[1] >= FAR)
    letters = {} if settled or len(served) < 2 else _letter_odds(seen.words, served)
    detected = {} if settled or letters else detect_probabilities(text, served)
    limit = DETECTOR_LIMIT if len(evidence) == len(served) else DETECTOR_LIMIT_ALONE
    rest = (1 - PRIOR) / max(len(served) - 1, 1)
    scores = {}
    for language in served:
        believed = min(max(detected.get(language, 1 / len(served)), 1 - limit), limit)
        score = math.log(PRIOR if language == stored else rest) + math.log(believed) + letters.get(language, 0.0)
        if language in evidence:
            score += WORD_ODDS * known.count(language)
            score += MARK_ODDS * len(marks_of(served)[language] & seen.characters)
            if not letters:
                endings = evidence[language].endings
                score += ENDING_ODDS * sum(len(word) > 4 and word.endswith(endings) for word in seen.words)
        scores[language] = score
    top = max(scores.values())
    total = sum(math.exp(score - top) for score in scores.values())
    return {language: math.exp(score - top) / total for language, score in scores.items()}


def _knows_a_word(
    text: str, seen: _Seen, language: str, served: tuple[str, ...], evidence: dict[str, Evidence]
) -> bool:
    """A name (`gumersindo`) looks Spanish by its letters; a listed word tells, or an unlisted one in company."""
    if language not in evidence or set("¿¡") & set(text):
        return True
    owners, neutral = word_owners(served), evidence[language].neutral
    own = [word for word in seen.words if owners.get(word) == language]
    if any(word not in neutral for word in own):
        return True
    place = served.index(language)
    plain = 0
    for word in set(seen.words) - owners.keys():
        likelihoods = word_likelihoods(word, served)
        if (
            likelihoods
            and likelihoods[place] - max(each for at, each in enumerate(likelihoods) if at != place) >= PLAIN
        ):
            plain += 1
    others = set(seen.words) - {word for word in own if word not in neutral}
    return plain >= (2 if seen.named or len(others) < 2 else 1)
