"""Messages that are no answer: a command, a question back, not knowing, not wanting to say."""

import re
from typing import get_args

from engagement.answers.reading import Command, CommandKind, DontKnow, LooksLikeQuestion, PreferNot
from engagement.answers.text import Text, read_text, to_words
from engagement.answers.vocabulary import Vocabulary

_SHORT_ANSWER = 5
"""With a question mark but no more words than this, "maybe 5?" is an answer in doubt."""
_PLAINLY = 3
_WORD = re.compile(r"\S+")


def read_command(text: Text, words: Vocabulary) -> Command | None:
    """A command, where the whole message is one, politeness aside."""
    said = without_fillers(text.words, words)
    if not said:
        return Command(kind="help") if "?" in text.plain else None
    for whole in {text.words: None, said: None}:
        for kind in get_args(CommandKind.__value__):
            if kind != "change" and words[kind].whole(whole):
                return Command(kind=kind)
    return _read_change(text, words)


def _read_change(text: Text, words: Vocabulary) -> Command | None:
    said = text.words
    end = words["change"].start(said)
    if not end and (fillers := words["fillers"].start(said)):
        said = said[fillers:].lstrip()
        end = words["change"].start(said)
    if not end:
        return None
    rest = len(said[end:].split())
    if not rest:
        return Command(kind="change")
    places = [match.start() for match in _WORD.finditer(text.plain) if to_words(match[0])]
    return Command(kind="change", rest=text.original_from(places[-rest]) if rest <= len(places) else "")


def read_refusal(text: Text, words: Vocabulary) -> DontKnow | PreferNot | None:
    """Not knowing or not wanting to say, where that is the whole message."""
    for said in {text.words: None, without_fillers(text.words, words): None}:
        if words["prefer_not"].whole(said):
            return PreferNot()
        if words["dont_know"].whole(said):
            return DontKnow()
    return None


def declines(text: Text, words: Vocabulary) -> bool:
    """Does a longer message say so plainly ("no thanks, I'd rather not say")?"""
    return any(len(match[0].split()) >= _PLAINLY for match in words["prefer_not"].matches(text.words))


def find_refusal(text: Text, words: Vocabulary) -> DontKnow | PreferNot | None:
    """The same somewhere in a longer message that no answer was found in; "private" alone says too little there."""
    declined = words["prefer_not"].inside(text.words)
    if declined and " " in declined[0].strip():
        return PreferNot()
    return DontKnow() if words["dont_know"].inside(text.words) else None


def split_question(text: Text, words: Vocabulary) -> tuple[Text, str]:
    """The message without its questions, and the questions as written: ("Yes. ", "Why do you ask?")."""
    told: list[str] = []
    asked: list[str] = []
    for sentence in text.sentences():
        (asked if is_question(sentence, words) else told).append(sentence.original)
    if not asked or not told:
        return text, ""
    return _joined(told), " ".join(asked)


def _joined(parts: list[str]) -> Text:
    return read_text(" ".join(parts))


def is_question(sentence: Text, words: Vocabulary) -> bool:
    """Does this sentence ask something? A short answer with a question mark does not."""
    said = without_fillers(sentence.words, words)
    many = len(said.split())
    if "?" in sentence.plain or "¿" in sentence.plain:
        return words["question_with_mark"].start(said) > 0 or many > _SHORT_ANSWER
    return many > 1 and words["question"].start(said) > 0


def read_question(text: Text, words: Vocabulary) -> LooksLikeQuestion | None:
    """The whole message is a question."""
    sentences = text.sentences()
    if sentences and all(is_question(sentence, words) for sentence in sentences):
        return LooksLikeQuestion()
    return None


def _is_said_to(said: str, words: Vocabulary) -> bool:
    """Is it a whole answer, so that "doctor" after it is whom one speaks to?"""
    answers = ("yes", "yes_whole", "no", "no_whole", "no_options", "dont_know", "prefer_not", "skip", "back", "fillers")
    return said.isdigit() or any(words[name].whole(said) for name in answers)


def without_fillers(said: str, words: Vocabulary) -> str:
    """Words without what is said only for politeness, before and after; never all of them but fillers alone."""
    fillers = words["fillers"]
    while end := fillers.start(said):
        if said[end : end + 1] not in ("", " "):
            break
        said = said[end:].lstrip()
    pieces = said.split()
    while pieces:
        for length in (2, 1):
            if len(pieces) >= length and fillers.whole(" ".join(pieces[-length:])):
                del pieces[-length:]
                break
        else:
            if not words["vocatives"].whole(pieces[-1]) or not _is_said_to(" ".join(pieces[:-1]), words):
                break
            del pieces[-1]
    return " ".join(pieces)
