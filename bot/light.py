"""Starts Rasa without TensorFlow where the model does not use it.

Rasa imports TensorFlow, and matplotlib for its test reports, whatever the model is made of: half of the start-up time
and most of the memory. A model whose components need none of it gets placeholders, which can be named and derived from
while Rasa is imported and raise a clear error as soon as one is used. A model with any other component, DIET say, gets
the real thing.
"""

from __future__ import annotations

import importlib.machinery
import json
import os
import sys
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any, Optional, Sequence, Set

PLACEHELD = ("tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras", "matplotlib")

# Components of Rasa that are known to run on numpy alone; ours (`components.`) do.
TENSORLESS = (
    "components.",
    "rasa.core.policies.rule_policy.",
    "rasa.core.policies.memoization.",
    "rasa.core.policies.ensemble.",
    "rasa.graph_components.",
    "rasa.nlu.classifiers.regex_message_handler.",
    "rasa.nlu.classifiers.fallback_classifier.",
)
TENSORLESS_SHORT = ("RulePolicy", "MemoizationPolicy", "AugmentedMemoizationPolicy", "FallbackClassifier")


class PlaceholderUsed(RuntimeError):
    """Something needs a library that was left out at the start; set PERENNIAL_BOT_FULL=1 to load everything."""


class _PlaceholderType(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(f"{cls.__name__}.{name}")


def _placeholder(name: str) -> type:
    def construct(cls: type, *args: Any, **kwargs: Any) -> Any:
        # A decorator (`tf.function`) passes its function through; anything else is use.
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]
        raise PlaceholderUsed(f"{name}: {PlaceholderUsed.__doc__}")

    return _PlaceholderType(name, (), {"__new__": construct})


class _PlaceholderModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(f"{self.__name__}.{name}")


class _Finder:
    """Answers imports of the libraries left out, and of anything inside them."""

    def find_spec(self, name: str, path: Optional[Sequence[str]] = None, target: Any = None) -> Any:
        if name.partition(".")[0] in PLACEHELD:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> ModuleType:
        return _PlaceholderModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        module.__path__ = []


def component_classes(model: Path) -> Set[str]:
    """Dotted names of the classes that a trained model runs."""
    with tarfile.open(model) as archive:
        member = next(name for name in archive.getnames() if name.endswith("metadata.json"))
        metadata = json.load(archive.extractfile(member))
    return {node["uses"] for node in metadata["predict_schema"]["nodes"].values()}


def configured_names(config: Path) -> Set[str]:
    """The names of the components and policies in a Rasa config file."""
    import ruamel.yaml

    read = ruamel.yaml.YAML(typ="safe").load(config.read_text(encoding="utf-8")) or {}
    return {entry["name"] for part in ("pipeline", "policies") for entry in read.get(part) or []}


def leave_out_unused(names: Set[str]) -> bool:
    """Puts the placeholders in if what `names` names (classes or config entries) runs without TensorFlow; says whether."""
    if os.environ.get("PERENNIAL_BOT_FULL") == "1":
        return False
    if not all(name in TENSORLESS_SHORT or name.startswith(TENSORLESS) for name in names):
        return False
    sys.meta_path.insert(0, _Finder())
    return True
