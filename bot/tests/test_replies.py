"""What the bot may say: content keys with values, quick replies and the field for an answer, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any, Dict

import pytest

from dialogue.replies import Replies, WordsRefused


def said(custom: Dict[str, Any], **others: Any) -> Dict[str, Any]:
    replies = Replies()
    asyncio.run(replies.send_response("someone", {"custom": custom, **others}))
    return replies.collected[0]


@pytest.mark.parametrize(
    "custom",
    [
        {"say": "faq/cost", "with": {}},
        {"say": "ask/yes_no", "with": {"number": 1}, "replies": ["replies/yes"]},
        {"say": "ask/date", "with": {}, "input": "date"},
        {"say": "ask/number", "with": {}, "replies": ["replies/skip"], "input": "number"},
    ],
)
def test_what_was_agreed_passes_as_it_is(custom: Dict[str, Any]) -> None:
    assert said(custom) == custom


def test_what_is_empty_is_left_out() -> None:
    assert said({"say": "faq/cost", "replies": [], "input": ""}) == {"say": "faq/cost", "with": {}}


@pytest.mark.parametrize(
    "custom",
    [
        {"say": "", "with": {}},
        {"say": "faq/cost", "with": ["it is free"]},
        {"say": "faq/cost", "replies": "replies/yes"},
        {"say": "faq/cost", "input": "colour"},
        {"say": "faq/cost", "input": ["date"]},
        {"say": "faq/cost", "text": "Free!"},
    ],
)
def test_all_else_is_refused(custom: Dict[str, Any]) -> None:
    with pytest.raises(WordsRefused):
        said(custom)


def test_words_are_refused() -> None:
    with pytest.raises(WordsRefused):
        said({"say": "faq/cost"}, text="It is free.")
