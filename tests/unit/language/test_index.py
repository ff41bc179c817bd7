"""The index of patterns: it may only leave out patterns that can't match, held against every corpus we have."""

import re
from pathlib import Path

import pytest
import yaml

from conversation.language.index import PatternIndex
from conversation.language.text import split_sentences
from conversation.opt_out.free_text import _load
from conversation.triage.rules import load_rules
from conversation.triage.statements import read_statements

UNIT = Path(__file__).parent.parent


def sentences() -> list[str]:
    found = [sentence for each in read_statements()[::4] for sentence in split_sentences(each.text)]
    for path in sorted(UNIT.glob("*/corpus/*.yml")):
        for section in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            found += [sentence for line in section.splitlines() for sentence in split_sentences(line)]
    return found


def indexes() -> list[PatternIndex]:
    books = load_rules().values()
    opt_out = [index for words in _load() for index in (words.never, words.unless, words.yes, words.ask, words.soften)]
    return [index for book in books for index in (book.entries, book.idioms)] + opt_out


def test_no_match_is_lost() -> None:
    texts = sentences()
    met = 0
    for index in indexes():
        for text in texts:
            picked = set(index.pick(text))
            for place, pattern in enumerate(index.patterns):
                if place not in picked:
                    assert not pattern.search(text), (pattern.pattern[:80], text)
            met += index.meets(text)
    assert met > 2000


def test_few_patterns_are_tried() -> None:
    texts = sentences()
    for index in indexes():
        tried = sum(len(index.pick(text)) for text in texts)
        assert tried <= 0.1 * len(texts) * max(len(index.patterns), 20)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(?<!\S)(?:die|dying)(?!\S)", "die"),
        (r"(?<!\S)(?:(?:to |not )*(?:be|being) dead)(?!\S)", "be dead"),
        (r"(?<!\S)(?:hospitali[sz]ed)(?!\S)", "was hospitalised"),
        (r"(?<!\S)(?:hurt(?:s|ing)?(?: all over)?)(?!\S)", "it hurts"),
        (r"(?<!\S)(?:(?:my )?(?: [a-z]+){0,3} ?pain)(?!\S)", "pain"),
        (r"(?<!\S)(?:a{2,3}h)(?!\S)", "aaah"),
        (r"(?<!\S)(?:[a-z]+ly)(?!\S)", "badly"),
        (r"^(?<!\S)(?:stop)(?!\S)$", "stop"),
        (r"(?<!\S)(?:\d+ pills)(?!\S)", "took 20 pills"),
        (r"(?<!\S)(?:x?)", "y"),
    ],
)
def test_odd_patterns_are_found(pattern: str, text: str) -> None:
    compiled = re.compile(pattern)
    assert compiled.search(text)
    assert PatternIndex([compiled]).pick(text) == [0]


def test_a_pattern_is_left_out_where_its_words_are_missing() -> None:
    index = PatternIndex(
        [re.compile("(?<!\\S)(?:(?:i|my)(?: [a-z]+){0,3} (?:rash|hives))(?!\\S)"), re.compile("nausea")]
    )
    assert index.pick("i have a question about my visit") == []
    assert index.pick("my nausea is back") == [1]
