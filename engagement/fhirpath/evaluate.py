"""Expression and focus → collection."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engagement.fhirpath.budget import MAX_ITEMS
from engagement.fhirpath.environment import Environment
from engagement.fhirpath.errors import BudgetSpent, ExpressionFailed
from engagement.fhirpath.functions import FUNCTIONS
from engagement.fhirpath.moments import Moment
from engagement.fhirpath.nodes import Amount, Fragment, Item, Node, children_named
from engagement.fhirpath.operators import arithmetic, compare, equal, equivalent, logic, negative, one, same
from engagement.fhirpath.parse import Expr


def evaluate(expr: Expr, focus: Sequence[Item], env: Environment) -> list[Item]:
    """The value; `ExpressionFailed` where there is none, `BudgetSpent` where it takes too much work."""
    try:
        return _evaluate(expr, focus, env)
    except (ArithmeticError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # JSON of any shape may stand under an expression; whatever it trips over is the expression's failure.
        raise ExpressionFailed(f"{type(error).__name__}: {error}") from error


def truth(items: Sequence[Item]) -> bool | None:
    """A collection as a condition: None of an empty one; a single value that is no boolean is true (N1 §4.5)."""
    if not items:
        return None
    if len(items) > 1:
        raise ExpressionFailed("several values where a condition is expected")
    return items[0] if isinstance(items[0], bool) else True


def _evaluate(expr: Expr, focus: Sequence[Item], env: Environment) -> list[Item]:
    env.budget.spend()
    match expr.op:
        case "literal":
            return [expr.value] if expr.value is not None else []
        case "empty":
            return []
        case "variable":
            return _variable(expr.name, env)
        case "this":
            return list(focus)
        case "index":
            return [env.index]
        case "total":
            return list(env.total)
        case "member":
            return _member(expr, focus, env)
        case "linked":
            return _linked(expr, focus, env)
        case "item":
            return _indexed(expr, focus, env)
        case "unary":
            found = _evaluate(expr.args[0], focus, env)  # type: ignore[arg-type]
            return found if expr.name == "+" else negative(found)
        case "type":
            return _typed(expr, _source(expr, focus, env))
        case "binary":
            return _binary(expr, focus, env)
        case _:
            source = _source(expr, focus, env)
            env.budget.spend(len(source))
            found = FUNCTIONS[expr.name](_evaluate, source, focus, expr.args[1:], env)
            if len(found) > MAX_ITEMS:
                raise BudgetSpent
            return found


def _source(expr: Expr, focus: Sequence[Item], env: Environment) -> Sequence[Item]:
    return focus if expr.args[0] is None else _evaluate(expr.args[0], focus, env)


def _variable(name: str, env: Environment) -> list[Item]:
    if name in ("ucum", "sct", "loinc"):
        return [{"ucum": "http://unitsofmeasure.org", "sct": "http://snomed.info/sct"}.get(name, "http://loinc.org")]
    found = env.lookup(name)
    if found is None:
        raise ExpressionFailed(f"there is no variable %{name}")
    return list(found)


def _member(expr: Expr, focus: Sequence[Item], env: Environment) -> list[Item]:
    source = _source(expr, focus, env)
    name = expr.name
    if expr.args[0] is None and name[:1].isupper():
        of_type = [node for node in source if isinstance(node, Node) and node.data.get("resourceType") == name]
        if of_type:
            return list(of_type)
        # An item's expression that starts from the whole response by its type: strictly empty, meant as %resource.
        if name == "QuestionnaireResponse" and (whole := env.lookup("resource")):
            return list(whole)
    found: list[Item] = []
    for node in source:
        if isinstance(node, Node):
            found += children_named(node, name)
        elif isinstance(node, Amount) and name == "value":
            found.append(node.value)
    env.budget.spend(len(found))
    return found


def _linked(expr: Expr, focus: Sequence[Item], env: Environment) -> list[Item]:
    inner = expr.args[0]
    if inner is not None and inner.op == "member" and inner.name == "item":
        nodes = _source(inner, focus, env)
        if all(isinstance(node, Node) and isinstance(node.data, Fragment) for node in nodes):
            return [Node(child) for node in nodes for child in node.data.linked(expr.name)]  # type: ignore[union-attr]
    source = _source(expr, focus, env)
    env.budget.spend(len(source))
    return [node for node in source if isinstance(node, Node) and node.data.get("linkId") == expr.name]


def _indexed(expr: Expr, focus: Sequence[Item], env: Environment) -> list[Item]:
    source = _source(expr, focus, env)
    place = one(_evaluate(expr.args[1], focus, env))  # type: ignore[arg-type]
    if not isinstance(place, int) or isinstance(place, bool):
        return []
    return [source[place]] if 0 <= place < len(source) else []


def _binary(expr: Expr, focus: Sequence[Item], env: Environment) -> list[Item]:
    name = expr.name
    left = _evaluate(expr.args[0], focus, env)  # type: ignore[arg-type]
    if name in ("and", "or", "implies", "xor"):
        first = truth(left)
        if (name == "and" and first is False) or (name == "or" and first is True):
            return [first]
        return _maybe(logic(first, truth(_evaluate(expr.args[1], focus, env)), name))  # type: ignore[arg-type]
    right = _evaluate(expr.args[1], focus, env)  # type: ignore[arg-type]
    env.budget.spend(len(left) + len(right))
    match name:
        case "=":
            return _maybe(equal(left, right))
        case "!=":
            found = equal(left, right)
            return _maybe(None if found is None else not found)
        case "~":
            return [equivalent(left, right)]
        case "!~":
            return [not equivalent(left, right)]
        case "<" | ">" | "<=" | ">=":
            return _maybe(compare(left, right, name))
        case "|":
            return FUNCTIONS["union"](_evaluate, left, focus, (Expr("this"),), env, right)
        case "in" | "contains":
            member, among = (left, right) if name == "in" else (right, left)
            if not member:
                return []
            wanted = one(member)
            return [any(same(wanted, item) for item in among)]  # type: ignore[arg-type]
        case _:
            return arithmetic(left, right, name)


def _maybe(found: bool | None) -> list[Item]:
    return [] if found is None else [found]


def _typed(expr: Expr, source: Sequence[Item]) -> list[Item]:
    wanted = str(expr.value).lower()
    if expr.name == "ofType":
        return [item for item in source if wanted in _types(item)]
    if len(source) > 1:
        if expr.name == "as":
            return [item for item in source if wanted in _types(item)]
        raise ExpressionFailed("several values where one is expected")
    if not source:
        return []
    fits = wanted in _types(source[0])
    return [fits] if expr.name == "is" else list(source) if fits else []


def _types(item: Any) -> tuple[str, ...]:
    """The names a value goes by, in lower case: System and FHIR types alike."""
    match item:
        case bool():
            return ("boolean",)
        case int():
            return ("integer", "positiveint", "unsignedint")
        case Decimal():
            return ("decimal",)
        case str():
            return ("string", "code", "uri", "url", "markdown", "canonical", "id")
        case Moment():
            return (item.kind.lower(),)
        case Amount():
            return ("quantity",)
        case Node():
            return (item.type.lower() or str(item.data.get("resourceType", "element")).lower(), "element")
        case _:
            return ()
