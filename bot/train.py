"""Trains the bot: `python bot/train.py OUT.tar.gz`. Works from any folder; progress goes to stderr.

Environment: PERENNIAL_BOT_CONFIG replaces ../config.yml; PERENNIAL_BOT_VECTORS names a folder where sentence vectors are
kept for the next training (components/vectors.py), else each training makes them all.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import surroundings

surroundings.prepare(threads=os.cpu_count() or 1)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out", type=Path, help="the model file to write, ending in .tar.gz")
    config = Path(os.environ.get("PERENNIAL_BOT_CONFIG") or surroundings.ROOT / "config.yml")
    parser.add_argument("--config", type=Path, default=config)
    parser.add_argument("--domain", type=Path, default=surroundings.BOT / "domain.yml")
    parser.add_argument("--data", type=Path, nargs="+", default=[surroundings.ROOT / "data"])
    return parser.parse_args()


def main() -> int:
    """Exit code 0 when the model is written; the file appears complete or not at all."""
    arguments = _parse_arguments()
    if not arguments.out.name.endswith(".tar.gz"):
        print("the model file must end in .tar.gz", file=sys.stderr)
        return 2
    out = arguments.out.resolve()
    inputs = [arguments.config, arguments.domain, *arguments.data]
    missing = [str(path) for path in inputs if not path.exists()]
    if missing:
        print(f"not found: {', '.join(missing)}", file=sys.stderr)
        return 2
    started = time.monotonic()

    def say(step: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {step}", file=sys.stderr, flush=True)

    say("loading Rasa")
    from light import configured_names, leave_out_unused

    leave_out_unused(configured_names(arguments.config))
    # Otherwise Rasa draws progress bars for steps of milliseconds.
    os.environ["LOG_LEVEL"] = "ERROR"
    surroundings.quiet()
    from rasa.model_training import train

    from components.encoders import remember_vectors
    from progress import report_nodes

    remember_vectors()
    surroundings.warn_of_the_unknown()
    report_nodes(say)
    out.parent.mkdir(parents=True, exist_ok=True)
    # Rasa's cache of training steps would be written to the current folder.
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        os.environ["RASA_CACHE_DIRECTORY"] = scratch
        say("reading the examples and the dialogue")
        # Rasa would announce the file in the scratch folder.
        with contextlib.redirect_stdout(io.StringIO()):
            result = train(
                domain=str(arguments.domain),
                config=str(arguments.config),
                training_files=[str(path) for path in arguments.data],
                output=scratch,
                force_training=True,
                fixed_model_name="model",
            )
        if not result.model:
            say(f"training failed (code {result.code})")
            return result.code or 1
        os.replace(result.model, out)
    say(f"written {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
