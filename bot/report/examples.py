"""Reads labelled texts: our own training examples by language, and folders in HINT3's format."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Set

import ruamel.yaml

# How data sets call a text that belongs to no intent (HINT3's own is the first).
OUT_OF_SCOPE = {"no_nodes_detected", "oos", "out_of_scope", "out-of-scope", "none"}


@dataclass
class Examples:
    """Texts and their labels, in order."""

    texts: List[str]
    labels: List[str]


@dataclass
class BenchmarkSet:
    """What to learn from and what to be asked, under the set's name; without a test the set is cross-validated."""

    name: str
    train: Examples
    test: Optional[Examples]


class NotABenchmark(ValueError):
    """The folder has no train/*.csv, with test/*.csv that belong to them or no test/, of columns sentence and label."""


def read_languages(folder: Path) -> Dict[str, Examples]:
    """The examples of each folder of languages under `folder`, as Rasa reads them (YAML, `- ` a line)."""
    return {each.name: _read_language(each) for each in sorted(folder.iterdir()) if each.is_dir()}


def _read_language(folder: Path) -> Examples:
    yaml = ruamel.yaml.YAML(typ="safe")
    found = Examples([], [])
    for file in sorted(folder.glob("*.yml")):
        for entry in yaml.load(file.read_text(encoding="utf-8")).get("nlu", ()):
            for line in entry.get("examples", "").splitlines() if "intent" in entry else ():
                if line.strip().startswith("- "):
                    found.texts.append(line.strip()[2:].strip())
                    found.labels.append(entry["intent"])
    return found


def read_benchmark(folder: Path) -> List[BenchmarkSet]:
    """The sets of a folder in HINT3's format; a training file `x_subset_train.csv` without a test of its own is asked
    the test of `x`. Without a folder test/ each set stands alone. NotABenchmark where nothing fits."""
    tests = {_name(file, "test"): file for file in sorted((folder / "test").glob("*.csv"))}
    sets = []
    for file in sorted((folder / "train").glob("*.csv")):
        name = _name(file, "train")
        test = _test_of(name, set(tests))
        if not (folder / "test").is_dir():
            sets.append(BenchmarkSet(name, _read_csv(file), None))
        elif test is not None:
            sets.append(BenchmarkSet(name, _read_csv(file), _read_csv(tests[test])))
    if not sets:
        raise NotABenchmark(f"{folder}: {NotABenchmark.__doc__}")
    return sorted(sets, key=lambda each: each.name)


def _name(file: Path, role: str) -> str:
    return file.stem.removesuffix(f"_{role}").removeprefix(f"{role}_")


def _test_of(name: str, tests: Set[str]) -> Optional[str]:
    for candidate in (name, name.removesuffix("_subset"), name.removesuffix("_full")):
        if candidate in tests:
            return candidate
    return next(iter(tests)) if tests == {"test"} else None


def _read_csv(file: Path) -> Examples:
    found = Examples([], [])
    with file.open(encoding="utf-8-sig", newline="") as handle:
        for row in csv.DictReader(handle):
            text, label = row.get("sentence"), row.get("label")
            if text is None or label is None:
                raise NotABenchmark(f"{file}: {NotABenchmark.__doc__}")
            if text.strip():
                found.texts.append(text.strip())
                found.labels.append(label.strip())
    return found


def is_out_of_scope(label: str) -> bool:
    """Whether a label says that a text belongs to no intent."""
    return label.lower() in OUT_OF_SCOPE
