"""FHIRPath's functions: filtering, subsetting, combining, existence, trees (N1 §5), and SDC's weight()."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engagement.fhirpath import aggregates, conversions, strings
from engagement.fhirpath.environment import Environment
from engagement.fhirpath.errors import ExpressionFailed
from engagement.fhirpath.moments import Moment
from engagement.fhirpath.nodes import Item, Node, all_children
from engagement.fhirpath.operators import same

if TYPE_CHECKING:
    from engagement.fhirpath.parse import Expr

type Run = Callable[["Expr", Sequence[Item], Environment], list[Item]]
type Args = Sequence["Expr"]

WEIGHTS = ("/ordinalValue", "/itemWeight", "/questionnaire-ordinalValue", "/iso21090-CO-value")
"""How the extension that carries an option's score has been called (its address's end)."""


def _truth(items: Sequence[Item]) -> bool:
    return bool(items) and (items[0] if isinstance(items[0], bool) else True) is True


def _each(run: Run, items: Sequence[Item], expr: "Expr", env: Environment) -> list[tuple[Item, list[Item]]]:
    before, found = env.index, []
    for env.index, item in enumerate(items):
        found.append((item, run(expr, [item], env)))
    env.index = before
    return found


def _where(run: Run, items: Sequence[Item], args: Args, env: Environment) -> list[Item]:
    return [item for item, found in _each(run, items, args[0], env) if _truth(found)]


def _select(run: Run, items: Sequence[Item], args: Args, env: Environment) -> list[Item]:
    return [one for _, found in _each(run, items, args[0], env) for one in found]


def _repeat(run: Run, items: Sequence[Item], args: Args, env: Environment) -> list[Item]:
    """Every node once: by identity, as a tree of JSON has no loops; other values by equality."""
    found: list[Item] = []
    seen: set[int] = set()
    waiting = list(items)
    while waiting:
        env.budget.spend(len(waiting))
        fresh = []
        for item in (one for waited in waiting for one in run(args[0], [waited], env)):
            key = id(item.data) if isinstance(item, Node) else hash(item)
            if key not in seen:
                seen.add(key)
                fresh.append(item)
        found += fresh
        waiting = fresh
    return found


def _exists(run: Run, items: Sequence[Item], args: Args, env: Environment) -> list[Item]:
    return [bool(_where(run, items, args, env) if args else items)]


def _all(run: Run, items: Sequence[Item], args: Args, env: Environment) -> list[Item]:
    return [all(_truth(found) for _, found in _each(run, items, args[0], env))]


def _iif(run: Run, focus: Sequence[Item], args: Args, env: Environment) -> list[Item]:
    if _truth(run(args[0], focus, env)):
        return run(args[1], focus, env)
    return run(args[2], focus, env) if len(args) > 2 else []


def distinct(items: Sequence[Item], env: Environment) -> list[Item]:
    """Each value once, in order. Plain values by hash; objects and moments are held against each other."""
    found: list[Item] = []
    plain: set[tuple[bool, Any]] = set()
    complex_: list[Item] = []
    for item in items:
        if isinstance(item, str | int | Decimal):
            key = (isinstance(item, bool), item)
            if key in plain:
                continue
            plain.add(key)
        else:
            env.budget.spend(len(complex_))
            if any(same(item, other) for other in complex_):
                continue
            complex_.append(item)
        found.append(item)
    return found


def _has(item: Item, among: Sequence[Item], env: Environment) -> bool:
    env.budget.spend(len(among))
    return any(same(item, other) for other in among)


def _with(run: Run, name: str, items: Sequence[Item], other: Sequence[Item], env: Environment) -> list[Item]:
    match name:
        case "union":
            return distinct([*items, *other], env)
        case "combine":
            env.budget.spend(len(items) + len(other))
            return [*items, *other]
        case "intersect":
            return distinct([item for item in items if _has(item, other, env)], env)
        case "exclude":
            return [item for item in items if not _has(item, other, env)]
        case "subsetOf":
            return [all(_has(item, other, env) for item in items)]
        case _:
            return [all(_has(item, items, env) for item in other)]


def _children(items: Sequence[Item]) -> list[Item]:
    return [child for node in items if isinstance(node, Node) for child in all_children(node)]


def _descendants(items: Sequence[Item], env: Environment) -> list[Item]:
    found: list[Item] = []
    waiting = _children(items)
    while waiting:
        env.budget.spend(len(waiting))
        found += waiting
        waiting = _children(waiting)
    return found


def _extension(items: Sequence[Item], url: str) -> list[Item]:
    return [
        Node(extension, "Extension")
        for node in items
        if isinstance(node, Node)
        for extension in node.data.get("extension", ())
        if isinstance(extension, dict) and extension.get("url") == url
    ]


def _weight(items: Sequence[Item]) -> list[Item]:
    found: list[Item] = []
    for node in items:
        if not isinstance(node, Node):
            continue
        inner = node.data.get("valueCoding")
        for extension in (inner if isinstance(inner, dict) else node.data).get("extension", ()):
            value = extension.get("valueDecimal", extension.get("valueInteger"))
            if str(extension.get("url", "")).endswith(WEIGHTS) and value is not None:
                found.append(value)
                break
    return found


def _subset(name: str, items: Sequence[Item], count: int) -> list[Item]:
    match name:
        case "first":
            return list(items[:1])
        case "last":
            return list(items[-1:])
        case "tail":
            return list(items[1:])
        case "skip":
            return list(items[max(count, 0) :])
        case "take":
            return list(items[: max(count, 0)])
        case _:
            if len(items) > 1:
                raise ExpressionFailed("single() of several values")
            return list(items)


def _now(name: str, env: Environment) -> list[Item]:
    at = env.at
    if name == "now":
        return [Moment.of(at)]
    text = at.date().isoformat() if name == "today" else at.time().isoformat(timespec="milliseconds")
    found = Moment.parse(text, "date" if name == "today" else "time")
    return [] if found is None else [found]


def _whether(name: str, items: Sequence[Item]) -> list[Item]:
    wanted = name.endswith("True")
    hits = [_truth([item]) is wanted for item in items]
    return [all(hits) if name.startswith("all") else any(hits)]


def _plain(name: str, items: Sequence[Item], env: Environment) -> list[Item]:
    """Functions that take nothing but the collection."""
    match name:
        case "empty":
            return [not items]
        case "count":
            return [len(items)]
        case "not":
            return [not _truth(items)] if items else []
        case "hasValue":
            return [len(items) == 1 and not isinstance(items[0], Node)]
        case "distinct":
            return distinct(items, env)
        case "isDistinct":
            return [len(distinct(items, env)) == len(items)]
        case "children":
            return _children(items)
        case "descendants":
            return _descendants(items, env)
        case "weight" | "ordinal":
            return _weight(items)
        case _:
            return list(items)  # trace, getValue


ARITIES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("where", "select", "repeat", "all", "extension", "skip", "take"), (1, 1)),
    **dict.fromkeys(
        ("union", "combine", "intersect", "exclude", "subsetOf", "supersetOf", "ofType", "is", "as"), (1, 1)
    ),
    **dict.fromkeys(("empty", "count", "not", "hasValue", "distinct", "isDistinct", "children", "descendants"), (0, 0)),
    **dict.fromkeys(("weight", "ordinal", "getValue", "now", "today", "timeOfDay"), (0, 0)),
    **dict.fromkeys(("first", "last", "tail", "single", "allTrue", "anyTrue", "allFalse", "anyFalse"), (0, 0)),
    "exists": (0, 1),
    "iif": (2, 3),
    "trace": (0, 2),
    **aggregates.ARITIES,
    **conversions.ARITIES,
    **strings.ARITIES,
}
"""Every function there is: how many arguments it takes, at least and at most."""


def _call(
    name: str, run: Run, items: Sequence[Item], focus: Sequence[Item], args: Args, env: Environment, other: Any
) -> list[Item]:
    over = {"where": _where, "select": _select, "repeat": _repeat, "exists": _exists, "all": _all, "iif": _iif}.get(
        name
    )
    if over is not None:
        return over(run, items, args, env)
    if name == "aggregate":
        return aggregates.aggregate(run, items, args, env)
    if name in ("union", "combine", "intersect", "exclude", "subsetOf", "supersetOf"):
        return _with(run, name, items, run(args[0], focus, env) if other is None else other, env)
    if name in ("now", "today", "timeOfDay"):
        return _now(name, env)
    if name.endswith(("True", "False")) and name[:3] in ("all", "any"):
        return _whether(name, items)
    if name in ("trace", "weight", "ordinal") or (ARITIES[name] == (0, 0) and name in _PLAIN):
        return _plain(name, items, env)
    values = [run(arg, focus, env) for arg in args]
    if name in ("first", "last", "tail", "single", "skip", "take"):
        return _subset(name, items, aggregates.integer(values[0]) if values else 0)
    if name == "extension":
        return _extension(items, strings.text(values[0]))
    if name in aggregates.ARITIES:
        return aggregates.call(name, items, values)
    if name in conversions.ARITIES:
        return conversions.call(name, items)
    return strings.call(name, items, values, env)


_PLAIN = ("empty", "count", "not", "hasValue", "distinct", "isDistinct", "children", "descendants", "getValue")


def _bound(name: str) -> Callable[..., list[Item]]:
    def call(
        run: Run, items: Sequence[Item], focus: Sequence[Item], args: Args, env: Environment, other: Any = None
    ) -> list[Item]:
        return _call(name, run, items, focus, args, env, other)

    return call


FUNCTIONS: dict[str, Callable[..., list[Item]]] = {name: _bound(name) for name in ARITIES}
