"""Questions that wait are answered together; one that fails harms no other."""

import asyncio
import time

import pytest

from dialogue.graph import Together


async def test_waiting_questions_go_together():
    sizes = []

    def answer(questions):
        sizes.append(len(questions))
        time.sleep(0.02)
        return [question * 2 for question in questions]

    together = Together(answer)
    assert await asyncio.gather(*(together.ask(number) for number in range(9))) == [number * 2 for number in range(9)]
    assert len(sizes) < 9


async def test_only_the_bad_one_fails():
    def answer(questions):
        if "bad" in questions:
            raise ValueError("bad")
        return questions

    together = Together(answer)
    results = await asyncio.gather(*(together.ask(text) for text in ("a", "bad", "b")), return_exceptions=True)
    assert results[0] == "a"
    assert results[2] == "b"
    assert isinstance(results[1], ValueError)
    with pytest.raises(ValueError, match="bad"):
        await together.ask("bad")
    assert await together.ask("later") == "later"
