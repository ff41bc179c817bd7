"""Questions in the middle: those that the document itself answers.

Strict, since the document's words are not to be given for a question that was not asked: nearly the words of a listed
question, or all of its telling words. Whatever else is asked is the dialogue's to answer.
"""

from collections.abc import Iterator

from rapidfuzz import fuzz

from engagement.answers.text import fold
from engagement.answers.vocabulary import vocabulary
from engagement.consent.document import ConsentDocument, Question, Section

ALIKE = 88
"""Least likeness (of 100) of what was asked to a listed question, letter for letter, in any order of the words."""
ALIKE_ELSEWHERE = 92
"""The same where the question belongs to another section than the open one."""
_MORE = 2
"""Telling words that a message may have beside all those of a listed question."""
_LONGEST = 30
"""Words of the longest message that is compared: a story is no listed question."""


def find_question(document: ConsentDocument, section: Section, text: str, *, language: str) -> Question | None:
    """The question of the document that a message asks: of the open section first, then of any."""
    said = fold(text)
    if not said or len(said.split()) > _LONGEST:
        return None
    others = [other for other in document.sections if other.id != section.id]
    for sections, least in (([section], ALIKE), (others, ALIKE_ELSEWHERE)):
        scored = [(_likeness(said, ask, language), question) for question, ask in _asked(sections, language)]
        best = max(scored, key=lambda each: each[0], default=None)
        if best is not None and best[0] >= least:
            return best[1]
    return None


def _asked(sections: list[Section], language: str) -> Iterator[tuple[Question, str]]:
    for section in sections:
        for question in section.questions:
            for ask in question.ask.get(language, ()):
                yield question, fold(ask)


def _likeness(said: str, ask: str, language: str) -> float:
    """Of whole messages; of what remains of both without little words; or that all which is asked is said, with little more."""
    little = vocabulary(language)["little_words"]

    def telling(words: str) -> list[str]:
        return [word for word in words.split() if not little.whole(word)]

    whole = float(fuzz.token_sort_ratio(said, ask))
    mine, theirs = telling(said), telling(ask)
    if len(mine) < 2 or len(theirs) < 2:
        return whole  # one word alone tells too little: "study" is in many questions
    if set(theirs) <= set(mine) and len(set(mine) - set(theirs)) <= _MORE:
        return 100.0
    return max(whole, float(fuzz.token_sort_ratio(" ".join(mine), " ".join(theirs))))
