"""Runs a trained graph as the straight line it is, and understands what waits together in one go.

Rasa hands its graph to dask on every call, which sorts it again each time. Of a message's processor time most goes into
the sentence vector, and eight messages at once take little more than three times as long as one: so messages that
arrive while others are being understood are understood together.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, List, Tuple

from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner

# More at once would make the first wait long for the last.
BATCH = 16


class StraightLine:
    """The nodes that one target of a loaded graph needs, in order."""

    def __init__(self, runner: DaskGraphRunner, target: str) -> None:
        self._target = target
        schema = runner._graph_schema.minimal_graph_schema([target])
        self._steps: List[Tuple[GraphNode, List[str]]] = []
        done = set()

        def visit(name: str) -> None:
            # A need that is no node is an input (a message, a tracker).
            if name in done or name not in schema.nodes:
                return
            done.add(name)
            needs = list(schema.nodes[name].needs.values())
            for need in needs:
                visit(need)
            self._steps.append((runner._instantiated_nodes[name], needs))

        visit(target)

    def run(self, inputs: Dict[str, Any]) -> Any:
        """The target's output."""
        results: Dict[str, Tuple[str, Any]] = {name: (name, value) for name, value in inputs.items()}
        for node, needs in self._steps:
            name, output = node(*(results[need] for need in needs))
            results[name] = (name, output)
        return results[self._target][1]


class Together:
    """Collects single calls and answers them in batches, in a thread of its own."""

    def __init__(self, answer: Callable[[List[Any]], List[Any]]) -> None:
        self._answer = answer
        self._waiting: List[Tuple[Any, asyncio.Future]] = []
        self._running = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="understanding")

    async def ask(self, question: Any) -> Any:
        """The answer to one question. Where a batch fails, each of its questions is tried alone."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future = loop.create_future()
        self._waiting.append((question, future))
        if not self._running:
            self._running = True
            task = loop.create_task(self._run())
            # The loop itself keeps only a weak reference.
            future.add_done_callback(lambda _: task)
        return await future

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                try:
                    answers = await loop.run_in_executor(
                        self._thread, self._answer, [question for question, _ in batch]
                    )
                except Exception:  # noqa: BLE001 - found again, and raised to the right one, question by question
                    answers = None
                for index, (question, future) in enumerate(batch):
                    if future.done():
                        continue
                    try:
                        alone = (
                            answers[index]
                            if answers
                            else (await loop.run_in_executor(self._thread, self._answer, [question]))[0]
                        )
                        future.set_result(alone)
                    except Exception as error:  # noqa: BLE001
                        future.set_exception(error)
        finally:
            self._running = False
