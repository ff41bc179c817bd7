"""The labelled messages that the learned judge of opt-outs is taught from: `examples/<language>.yml`, one message a line.

Templates (`yes_templates`, `no_templates`) say the same things in many combinations: `[a|b|]` picks one of what it lists (the
last may be nothing), `{thing}` a word of a group. They teach, but count less and are never measured.
"""

import random
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from conversation.language.patterns import BrokenPatterns, list_of, read_word_files
from conversation.language.text import fold

FOLDER = Path(__file__).parent / "examples"
ROOT = Path(__file__).parents[2]

FILLED = 14
"""Messages made of one template."""

TEMPLATE_WEIGHT = 0.6
BACKGROUND_WEIGHT = 0.5

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_PLACE = re.compile(r"\{(\w+)\}")
_MARKED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True, kw_only=True)
class Example:
    """A message, whether it asks for no more messages, and how much an error on it costs."""

    text: str
    wanted: bool
    weight: float = 1.0


def read_examples(folder: Path = FOLDER) -> tuple[Example, ...]:
    """All of them in a fixed order, each text once (what was written goes before what was made)."""
    found: dict[str, Example] = {}
    files = read_word_files(folder)
    for language, content in files.items():
        for section, wanted in (("yes", True), ("no", False)):
            for text in list_of(content, section, f"opt_out/examples/{language}.yml"):
                found.setdefault(fold(text), Example(text=text, wanted=wanted))
    for language, content in files.items():
        for section, wanted in (("yes_templates", True), ("no_templates", False)):
            for text in _made(content, section, f"opt_out/examples/{language}.yml"):
                found.setdefault(fold(text), Example(text=text, wanted=wanted, weight=TEMPLATE_WEIGHT))
    return tuple(found.values())


def _made(content: Mapping[str, object], section: str, where: str) -> Iterator[str]:
    groups = content.get("groups") or {}
    if not isinstance(groups, dict):
        raise BrokenPatterns(f"{where}: 'groups' must be a mapping of names")
    for template in str(content.get(section) or "").splitlines():
        chance = random.Random(zlib.crc32(template.encode()))
        for _ in range(FILLED):
            yield _fill(template, groups, chance, where)


def _fill(template: str, groups: Mapping[str, str], chance: random.Random, where: str) -> str:
    text = template
    while _CHOICE.search(text):
        text = _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), text)
    for name in _PLACE.findall(text):
        if name not in groups:
            raise BrokenPatterns(f"{where}: template '{template}' has a place for the unknown group {name}")
        text = text.replace(f"{{{name}}}", chance.choice(list_of(groups, name, where)), 1)
    return " ".join(text.split())


@cache
def read_background() -> tuple[Example, ...]:
    """Ordinary messages by other hands, and statements of triage: none of them asks for no more messages."""
    texts: dict[str, str] = {}
    for path in sorted(ROOT.glob("conversation/triage/statements/*/**/*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                texts.setdefault(fold(line), line.strip())
    for path in sorted(ROOT.glob("data/nlu/*/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            for line in block["examples"].splitlines() if "intent" in block else ():
                text = _MARKED.sub(r"\1", line.strip().removeprefix("-").strip())
                texts.setdefault(fold(text), text)
    return tuple(Example(text=text, wanted=False, weight=BACKGROUND_WEIGHT) for text in texts.values() if text)
