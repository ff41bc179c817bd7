"""`python -m report` (in bot/): measures a pipeline and writes what was found. `perennial nlu report` calls it.

One JSON object on stdout; progress on stderr; Markdown and HTML where --out names a folder.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Dict

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import surroundings

surroundings.prepare()

_STARTED = time.monotonic()


def _say(step: str) -> None:
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {step}", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--config", type=Path, default=os.environ.get("PERENNIAL_BOT_CONFIG") or None)
    parser.add_argument("--examples", type=Path, default=surroundings.ROOT / "data" / "nlu")
    parser.add_argument("--data", type=Path, help="a folder in HINT3's format, instead of our own examples")
    parser.add_argument("--check", action="store_true", help="only the examples themselves: overlap, what is lacking")
    parser.add_argument("--safety", type=Path, help="a JSON file with the triage's results, to be shown")
    parser.add_argument("--no-training", action="store_true", help="leave the training's duration out")
    parser.add_argument("--against-diet", action="store_true", help="also train Rasa's default pipeline (slow)")
    parser.add_argument("--out", type=Path, help="write report.md, report.html and report.json here")
    return parser.parse_args()


def main() -> int:
    """Exit code 2 where the data or the pipeline cannot be read."""
    arguments = _arguments()
    config = Path(arguments.config or surroundings.ROOT / "config.yml")
    from light import leave_out_unused

    # What measures never needs TensorFlow; DIET is trained in a process of its own.
    leave_out_unused(set())
    surroundings.quiet()
    try:
        found = {"config": config.name, **_measure(arguments, config)}
    except (ValueError, OSError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    if arguments.safety:
        found["safety"] = json.loads(arguments.safety.read_text(encoding="utf-8"))
    if arguments.out:
        from report.pages import html, markdown

        arguments.out.mkdir(parents=True, exist_ok=True)
        for name, text in (("md", markdown(found)), ("html", html(found)), ("json", json.dumps(found, indent=1))):
            (arguments.out / f"report.{name}").write_text(text, encoding="utf-8")
    print(json.dumps(found, ensure_ascii=False))
    return 0


def _measure(arguments: argparse.Namespace, config: Path) -> Dict[str, Any]:
    from report.examples import read_benchmark, read_languages
    from report.overlap import check_examples

    if arguments.check:
        return {"overlap": check_examples(read_languages(arguments.examples))}
    if arguments.data:
        sets = read_benchmark(arguments.data)
        from report.benchmark import measure_set
        from report.pipeline import Pipeline

        pipeline = Pipeline(config)
        measured = {}
        for each in sets:
            asked = f"{len(each.test.texts)} to be asked" if each.test else "no test: cross-validated"
            _say(f"{each.name}: {len(each.train.texts)} to learn from, {asked}")
            measured[each.name] = measure_set(pipeline, each)
        return {"sets": measured}
    from report.crossing import cross_validate
    from report.pipeline import Pipeline
    from report.timing import measure_parse, measure_training

    data, pipeline = read_languages(arguments.examples), Pipeline(config, keep_vectors=True)
    languages = cross_validate(pipeline, data, _say)
    for language, overlap in check_examples(data).items():
        languages[language]["overlap"] = overlap
    _say("timing a parse")
    found: Dict[str, Any] = {
        "bounds": pipeline.bounds.__dict__,
        "languages": languages,
        "parse": measure_parse(config, pipeline, data),
    }
    if not arguments.no_training:
        _say("timing the training" + (" and DIET's" if arguments.against_diet else ""))
        found["training"] = measure_training(config, arguments.against_diet)
    return found


if __name__ == "__main__":
    sys.exit(main())
