"""Understands texts without a server: one JSON string a line on stdin, one JSON object a line on stdout.

    echo '"how much does it cost"' | python bot/parse.py MODEL.tar.gz

Answers are in order: {"text", "intent": {"name", "confidence"}, "topics": [the FAQ topics that would be answered],
"ranking": [every intent and FAQ topic, best first], "safety": the safety judge's sums by head, null where the pipeline
has none}. Lines from a pipe are answered 32 at a time or at its end.
A line that is no JSON string gets {"error": …}. Without an argument the model is PERENNIAL_BOT_MODEL.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, TextIO

sys.path.insert(0, str(Path(__file__).resolve().parent))
import surroundings

surroundings.prepare()


# Texts that run together.
BATCH = 32


def load_understanding(model: Path) -> Callable[[Sequence[str]], List[Dict[str, Any]]]:
    """The pipeline of `model` as a function from texts to their parses; policies are not loaded."""
    from light import component_classes, leave_out_unused

    leave_out_unused(component_classes(model))
    surroundings.quiet()
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
    from rasa.engine.graph import ExecutionContext
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    from components.intents import IntentClassifier
    from dialogue.graph import StraightLine

    surroundings.quiet()
    with tempfile.TemporaryDirectory() as folder:
        storage, metadata = LocalModelStorage.from_model_archive(Path(folder), model)
        schema = metadata.predict_schema.minimal_graph_schema([metadata.nlu_target])
        for node in schema.nodes.values():
            if node.uses is IntentClassifier:
                node.config["ranking_length"] = None
        runner = DaskGraphRunner(schema, storage, ExecutionContext(schema, metadata.model_id))

    line = StraightLine(runner, metadata.nlu_target)

    def parse(texts: Sequence[str]) -> List[Dict[str, Any]]:
        # The server cuts a leading slash too: Rasa would take it for a developer's command.
        asked = [UserMessage(text.lstrip("/ \t\r\n")) for text in texts]
        parsed = line.run({PLACEHOLDER_MESSAGE: asked, PLACEHOLDER_TRACKER: None})
        return [_answer(text, message) for text, message in zip(texts, parsed)]

    return parse


def _answer(text: str, message: Any) -> Dict[str, Any]:
    intent, ranking = message.get("intent"), message.get("full_intent_ranking") or []
    # The dialogue sees `faq`; the topic stands in the response that was selected.
    selected = (message.get("response_selector") or {}).get(intent["name"], {}).get("response", {})
    name = selected.get("intent_response_key", intent["name"])
    topics = ([name] if selected else []) + list(message.get("also") or ())
    return {
        "text": text,
        "intent": {"name": name, "confidence": intent["confidence"]},
        "topics": topics,
        "ranking": ranking,
        "safety": message.get("safety"),
    }


def main() -> int:
    """Reads until the end of stdin."""
    model = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PERENNIAL_BOT_MODEL", ""))
    if not model.is_file():
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    parse = load_understanding(model)
    for lines in _batches(sys.stdin):
        texts = [_text(line) for line in lines]
        parses = iter(parse([text for text in texts if text is not None]))
        for text in texts:
            answer = next(parses) if text is not None else {"error": "the line is not a JSON string"}
            print(json.dumps(answer, ensure_ascii=False))
        sys.stdout.flush()
    return 0


def _batches(lines: TextIO) -> Iterator[List[str]]:
    """Lines as they come: each alone where somebody types them, together where they come from a file or another program
    that does not wait for answers."""
    if lines.isatty():
        yield from ([line] for line in lines)
        return
    while batch := list(itertools.islice(lines, BATCH)):
        yield batch


def _text(line: str) -> Optional[str]:
    try:
        text = json.loads(line)
    except ValueError:
        return None
    return text if isinstance(text, str) else None


if __name__ == "__main__":
    sys.exit(main())
