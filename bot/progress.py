"""Shows which step of the training runs: Rasa itself tells it only at log level INFO, between much else."""

from typing import Any, Callable

STEPS = {
    "SentenceEmbedding": "turning the examples into vectors",
    "SafetyJudge": "training the safety judge",
    "IntentClassifier": "training the intents",
    "RulePolicy": "checking and training the rules",
}


def report_nodes(say: Callable[[str], None]) -> None:
    """Calls `say` before each training step that takes time."""
    from rasa.engine.training.hooks import LoggingHook

    def on_before_node(self: Any, node_name: str, *args: Any, **kwargs: Any) -> dict:
        for name, step in STEPS.items():
            if name in node_name and not node_name.startswith("provide"):
                say(step)
        return {}

    LoggingHook.on_before_node = on_before_node
    LoggingHook.on_after_node = lambda self, *args, **kwargs: None
