"""`rasa data validate` on this project, from any folder, with its verdict as exit code: examples, rules and domain agree."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import surroundings

surroundings.prepare()


def main() -> None:
    """Runs Rasa's own command; it ends the process."""
    from rasa.__main__ import main as rasa

    root = surroundings.ROOT
    sys.argv = ["rasa", "data", "validate", "--fail-on-warnings"]
    sys.argv += ["--domain", str(surroundings.BOT / "domain.yml"), "--config", str(root / "config.yml")]
    sys.argv += ["--data", str(root / "data")]
    rasa()


if __name__ == "__main__":
    main()
