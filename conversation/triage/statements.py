"""The labelled statements that the learned judge is taught from: one file a kind and language, one statement a line.

`statements/<language>/<kind>.txt`; files whose name begins with `harmless` hold what must not alarm. Those under `known/`
were at hand when the patterns were written. `templates.yml` has statements with a place for a listed word (`it gave me
{symptom}`), so that every word of a class is met in every frame. Both teach, but are never counted.
"""

import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from conversation.language.patterns import BrokenPatterns, list_of, read_word_files
from conversation.language.text import fold
from conversation.triage.features import FOLDER as LEXICON
from conversation.triage.verdict import TriageKind

FOLDER = Path(__file__).parent / "statements"

QUESTIONS = Path(__file__).parents[2] / "data" / "nlu"
"""The examples of intents: thousands of ordinary messages, by other hands."""

TROUBLED = re.compile("medical_advice|prenatal|coping|report_")
"""Intents whose examples may tell of trouble: these are not taught as harmless. Distress is: the dialogue answers it."""

BACKGROUND_WEIGHT = 0.7

FILLED = 8
"""Statements made of one template."""

TEMPLATE_WEIGHT = 0.5

_MARKED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What somebody may write. `counted`: not from a template, and not known to who wrote the patterns."""

    text: str
    kind: TriageKind
    language: str
    counted: bool = True
    weight: float = 1.0


def read_statements(folder: Path = FOLDER) -> tuple[Statement, ...]:
    """All of them in a fixed order, each text once a kind; `BrokenPatterns` names a file of no kind."""
    found: dict[tuple[str, TriageKind], Statement] = {}
    for statement in (*_written(folder), *_made(folder)):
        found.setdefault((fold(statement.text) or statement.text, statement.kind), statement)
    return tuple(found.values())


def _written(folder: Path) -> Iterator[Statement]:
    for path in sorted(folder.glob("**/*.txt")):
        known = path.parent.name == "known"
        language = path.relative_to(folder).parts[0]
        kind = _kind("none" if path.stem.startswith("harmless") else path.stem, path)
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                yield Statement(text=line.strip(), kind=kind, language=language, counted=not known)


def _made(folder: Path) -> Iterator[Statement]:
    lexicon = read_word_files(LEXICON)
    for path in sorted(folder.glob("*/templates.yml")):
        language = path.parent.name
        words = {name: list_of(lexicon[language], name, f"triage/lexicon/{language}.yml") for name in lexicon[language]}
        for name, templates in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            kind = _kind("none" if name == "harmless" else name, path)
            for template in templates.splitlines():
                chance = random.Random(template)
                for _ in range(FILLED if "{" in template else 1):
                    text = _PLACE.sub(lambda place: chance.choice(words[place[1]]), template)  # noqa: B023 - used at once
                    yield Statement(text=text, kind=kind, language=language, counted=False, weight=TEMPLATE_WEIGHT)


def read_background(folder: Path = QUESTIONS) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """Ordinary messages: one half to teach as harmless, one half to measure false alarms on."""
    halves: tuple[list[Statement], list[Statement]] = ([], [])
    for path in sorted(folder.glob("*/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            if TROUBLED.search(block.get("intent", "report_")):
                continue
            for line in block["examples"].splitlines():
                text = _MARKED.sub(r"\1", line.strip().removeprefix("-").strip())
                if text:
                    halves[zlib.crc32(text.encode()) % 2].append(
                        Statement(
                            text=text,
                            kind=TriageKind.NONE,
                            language=path.parent.name,
                            counted=False,
                            weight=BACKGROUND_WEIGHT,
                        )
                    )
    return tuple(halves[0]), tuple(halves[1])


def _kind(name: str, path: Path) -> TriageKind:
    try:
        return TriageKind(name)
    except ValueError as error:
        raise BrokenPatterns(f"{path.parent.name}/{path.name}: '{name}' is no kind of trouble") from error
