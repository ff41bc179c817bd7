"""What the safety judge says of texts that it was not taught: `python -m report.safety` (in bot/).

stdin: a JSON list of {"text", "kind", "fold", "ordinary": is it an intent's example}. A text of fold 0, 1, … is judged by a
judge taught on all other folds; one of fold -1 teaches every judge and is not asked; one of fold -2 teaches none and is
judged by one taught on everything.
stdout: a JSON list with the sums by head of each text that was asked, null for the others.
`python -m service.safety_report` joins them with what patterns and words say.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import surroundings

surroundings.prepare()

import numpy as np  # noqa: E402

from components.parts import split_parts  # noqa: E402
from components.safety import DEFAULTS, SafetyModel  # noqa: E402
from report.pipeline import Pipeline, components_of  # noqa: E402

ALWAYS_TAUGHT, NEVER_TAUGHT = -1, -2


def judge_unseen(texts: List[Dict[str, Any]], config: Path) -> List[Optional[Dict[str, float]]]:
    """See the module."""
    options = {**DEFAULTS, **components_of(config)["components.safety.SafetyJudge"]}
    pipeline = Pipeline(config, keep_vectors=True)
    columns = np.concatenate(
        [np.full(width, kind in options["lengths"]) for kind, width in pipeline.widths] or [np.empty(0, bool)]
    )
    parts = [(kind, width) for kind, width in pipeline.widths if kind in options["lengths"]]
    words, kinds = [each["text"] for each in texts], [each["kind"] for each in texts]
    folds, ordinary = np.array([each["fold"] for each in texts]), np.array([each["ordinary"] for each in texts])
    _say(f"vectors of {len(texts)} texts")
    vectors = pipeline.embed(words)[:, columns]
    answers: List[Optional[Dict[str, float]]] = [None] * len(texts)
    for fold in sorted({fold for fold in folds.tolist() if fold != ALWAYS_TAUGHT}):
        _say(f"fold {fold}")
        taught = np.flatnonzero((folds != fold) & (folds != NEVER_TAUGHT))
        model = SafetyModel.fit(vectors[taught], parts, [kinds[row] for row in taught], ordinary[taught], options)
        for row in np.flatnonzero(folds == fold):
            heard = split_parts(words[row])
            rows = np.vstack([vectors[row][None], *([pipeline.embed(heard)[:, columns]] if heard else [])])
            answers[row] = model.judge(words[row], heard, rows)
    return answers


def _say(step: str) -> None:
    print(step, file=sys.stderr, flush=True)


def main() -> int:
    """Reads stdin to its end."""
    answers = judge_unseen(json.load(sys.stdin), surroundings.ROOT / "config.yml")
    json.dump(answers, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
