"""The project's own Python, as the guards read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from service.settings import ROOT

PRODUCT = ("service", "channels", "actions", "scheduler", "console", "conversation", "engagement", "storage")


def files(*tops: str, suffix: str = ".py") -> list[Path]:
    """The files below these folders of the project, environments and vendored files left out."""
    found = []
    for top in tops:
        for folder, below, names in (ROOT / top).walk():
            below[:] = [name for name in below if name not in (".venv", "vendor", "__pycache__")]
            found += [folder / name for name in names if name.endswith(suffix)]
    return sorted(found)


def trees(*tops: str) -> Iterator[tuple[str, ast.Module]]:
    """Each module with its path from the root."""
    for path in files(*tops):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string of a module that is not a docstring, with its line."""
    documents = {
        id(statement.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in node.body
        if isinstance(statement, ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.lineno, node.value
