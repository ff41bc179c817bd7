"""Where the repository keeps words and study packs, and how commands show a path."""

from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]
CONTENT = _REPOSITORY / "content"
STUDIES = _REPOSITORY / "studies"


def shown(path: Path) -> str:
    """The path from where the command runs, if it lies below; editors and terminals make a link of it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
