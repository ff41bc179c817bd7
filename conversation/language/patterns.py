"""The small pattern language of the word files (opt-out, triage), compiled once.

People who know the words, not Python, add to these files, so a pattern is written as folded words with four marks:
`<name>` any entry of the group `name`; `~3` up to three words in between (never over a comma); `(a|b)` a choice;
`(a )?` may be missing; `^` and `$` the ends of the sentence. Everything else is a plain regular expression.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from conversation.errors import PerennialError

_GROUP = re.compile(r"<(\w+)>")
_GAP = re.compile(r"(?P<before> )?~(?P<n>\d)(?P<after> )?")


class BrokenPatterns(PerennialError):
    """A word file cannot be used."""


def read_word_files(folder: Path) -> dict[str, dict[str, Any]]:
    """Language → content of `<folder>/<language>.yml`, by language; `BrokenPatterns` names a bad file."""
    files: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise BrokenPatterns(f"{path.name} is not readable YAML: {error}") from error
        if not isinstance(content, dict):
            raise BrokenPatterns(f"{path.name} must be a mapping of sections, found {type(content).__name__}")
        files[path.stem] = content
    if not files:
        raise BrokenPatterns(f"no word file in {folder.name}/")
    return files


def list_of(content: Mapping[str, Any], section: str, where: str) -> list[str]:
    """The entries of a section: a YAML list, or a text, an entry (or several, ` | ` between) a line."""
    value = content.get(section)
    if value is None:
        return []
    if isinstance(value, str):
        return [entry.strip() for line in value.splitlines() for entry in line.split(" | ") if entry.strip()]
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return [entry for entry in value if entry]
    raise BrokenPatterns(f"{where}: '{section}' must be a list of words (quote yes, no, on, off and numbers)")


def by_first_letter(words: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """First letter → the words that begin with it, in the order given."""
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(word[0], []).append(word)
    return {letter: tuple(listed) for letter, listed in found.items()}


def expand_groups(content: Mapping[str, Any], where: str) -> dict[str, str]:
    """Each entry of the section `groups` as one regular expression; groups may use groups defined above them."""
    groups: dict[str, str] = {}
    section = content.get("groups") or {}
    if not isinstance(section, dict):
        raise BrokenPatterns(f"{where}: 'groups' must be a mapping of names")
    for name in section:
        entries = sorted(set(list_of(section, name, where)), key=lambda entry: (-len(entry), entry))
        groups[name] = "(?:" + "|".join(_expand(entry, groups, where) for entry in entries) + ")"
    return groups


def _expand(pattern: str, groups: Mapping[str, str], where: str) -> str:
    def group(match: re.Match[str]) -> str:
        if match[1] not in groups:
            raise BrokenPatterns(f"{where}: pattern '{pattern}' uses the unknown group <{match[1]}>")
        return groups[match[1]]

    def gap(match: re.Match[str]) -> str:
        if match["before"]:
            return rf"(?: [a-z0-9%/]+){{0,{match['n']}}}" + (" " if match["after"] else "")
        return rf"(?:[a-z0-9%/]+ ){{0,{match['n']}}}"

    return (
        _GAP.sub(gap, _GROUP.sub(group, pattern))
        .replace("(?:", "\0")
        .replace("(?", "\1")
        .replace("(", "(?:")
        .replace("\0", "(?:")
        .replace("\1", "(?")
    )


def compile_pattern(pattern: str, groups: Mapping[str, str], where: str) -> re.Pattern[str]:
    """A pattern as a regular expression that meets whole words only; `BrokenPatterns` quotes a bad one."""
    body = _expand(pattern, groups, where)
    head, tail = "^" if body.startswith("^") else "", "$" if body.endswith("$") else ""
    body = body.removeprefix("^").removesuffix("$")
    try:
        return re.compile(rf"{head}(?<!\S)(?:{body})(?!\S){tail}")
    except re.error as error:
        raise BrokenPatterns(f"{where}: pattern '{pattern}' is not valid: {error}") from error


def compile_all(patterns: Iterable[str], groups: Mapping[str, str], where: str) -> tuple[re.Pattern[str], ...]:
    """Each pattern compiled, in the order of the file."""
    return tuple(compile_pattern(pattern, groups, where) for pattern in patterns)
