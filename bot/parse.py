"""Understands texts without a server: one JSON string a line on stdin, one JSON object a line on stdout.

    echo '"how much does it cost"' | python bot/parse.py MODEL.tar.gz

Answers are in order: {"text", "intent": {"name", "confidence"}, "ranking": [every intent and FAQ topic, best first]}.
A line that is no JSON string gets {"error": …}. Without an argument the model is PERENNIAL_BOT_MODEL.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict

sys.path.insert(0, str(Path(__file__).resolve().parent))
import surroundings

surroundings.prepare()


def load_understanding(model: Path) -> Callable[[str], Dict[str, Any]]:
    """The pipeline of `model` as a function from a text to its parse; policies are not loaded."""
    from light import component_classes, leave_out_unused

    leave_out_unused(component_classes(model))
    surroundings.quiet()
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
    from rasa.engine.graph import ExecutionContext
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    from components.intents import IntentClassifier

    surroundings.quiet()
    with tempfile.TemporaryDirectory() as folder:
        storage, metadata = LocalModelStorage.from_model_archive(Path(folder), model)
        schema = metadata.predict_schema.minimal_graph_schema([metadata.nlu_target])
        for node in schema.nodes.values():
            if node.uses is IntentClassifier:
                node.config["ranking_length"] = None
        runner = DaskGraphRunner(schema, storage, ExecutionContext(schema, metadata.model_id))

    def parse(text: str) -> Dict[str, Any]:
        # The server cuts a leading slash too: Rasa would take it for a developer's command.
        inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text.lstrip("/ \t\r\n"))], PLACEHOLDER_TRACKER: None}
        message = runner.run(inputs, [metadata.nlu_target])[metadata.nlu_target][0]
        intent, ranking = message.get("intent"), message.get("full_intent_ranking")
        # The dialogue sees `faq`; the topic is the best of the ranking, unless the fallback overruled it.
        if ranking and ranking[0]["name"].split("/", 1)[0] == intent["name"]:
            intent = ranking[0]
        return {
            "text": text,
            "intent": {"name": intent["name"], "confidence": intent["confidence"]},
            "ranking": ranking,
        }

    return parse


def main() -> int:
    """Reads until the end of stdin."""
    model = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PERENNIAL_BOT_MODEL", ""))
    if not model.is_file():
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    parse = load_understanding(model)
    for line in sys.stdin:
        try:
            text = json.loads(line)
        except ValueError:
            text = None
        answer = parse(text) if isinstance(text, str) else {"error": "the line is not a JSON string"}
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
