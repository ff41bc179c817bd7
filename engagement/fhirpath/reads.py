"""Which answers an expression reads, found without running it: what must be worked out anew when one of them changes."""

from dataclasses import dataclass, replace

from engagement.fhirpath.parse import Expr

_INTO = ("item", "descendants", "children", "repeat")


@dataclass(frozen=True, kw_only=True)
class Reads:
    """`answers`: linkIds whose own answers are read; `below`: linkIds that are read with all below them.

    `variables`: the %names used. `all`: it may read anything of the response.
    """

    answers: frozenset[str] = frozenset()
    below: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    all: bool = False

    def __or__(self, other: "Reads") -> "Reads":
        return Reads(
            answers=self.answers | other.answers,
            below=self.below | other.below,
            variables=self.variables | other.variables,
            all=self.all or other.all,
        )


def reads_of(expr: Expr) -> Reads:
    """What `expr` may read. Errs on the side of more."""
    return _reads(expr, after=())


def _reads(expr: Expr, *, after: tuple[str, ...], inside: bool = False) -> Reads:
    """`after`: the steps that follow in the chain; `inside`: under where() and such, where bare names are `$this`'s."""
    match expr.op:
        case "literal" | "empty" | "index" | "total":
            return Reads()
        case "this":
            return Reads() if inside else Reads(all=True)
        case "variable":
            return _root(expr.name)
        case "linked":
            found = _sourced(expr, after=("linked", *after), inside=inside)
            own = _end(expr.name, after)
            return replace(own | found, all=_wide(found, expr))
        case "member" | "call":
            found = _sourced(expr, after=(expr.name, *after), inside=inside)
            over = expr.name in ("where", "select", "repeat", "all", "exists", "aggregate", "iif")
            deeper = inside or (over and expr.name != "iif")
            for arg in expr.args[1:]:
                if arg is not None:
                    found |= _reads(arg, after=(), inside=deeper)
            return found
        case _:
            found = Reads()
            for arg in expr.args:
                if arg is not None:
                    found |= _reads(arg, after=after if expr.op in ("item", "type") else (), inside=inside)
            return found


def _sourced(expr: Expr, *, after: tuple[str, ...], inside: bool) -> Reads:
    source = expr.args[0]
    if source is not None:
        return _reads(source, after=after, inside=inside)
    if inside:
        return Reads()
    if expr.op == "call" and expr.name in ("today", "now", "timeOfDay", "iif"):
        return Reads()
    return Reads(all=True)  # a bare name: the focus, an item or the whole response


def _wide(found: Reads, expr: Expr) -> bool:
    """A lookup by linkId under the response narrows what is read; under parentheses and the like it does not."""
    source = expr.args[0]
    while source is not None and source.op in ("member", "call", "linked", "item"):
        source = source.args[0]
    return found.all and source is not None and source.op not in ("variable", "this")


def _root(name: str) -> Reads:
    if name in ("resource", "rootResource", "context"):
        return Reads(all=True)
    if name in ("questionnaire", "qitem"):
        return Reads()
    return Reads(variables=frozenset({name}))


def _end(link_id: str, after: tuple[str, ...]) -> Reads:
    """What a lookup by linkId reads: `.answer` its answers, anything else all below it."""
    if "linked" in after:
        return Reads()  # a later lookup in the chain says more exactly what is read
    steps = [name for name in after if name not in ("first", "last", "single")]
    if steps[:1] == ["answer"] and not any(name in _INTO for name in steps):
        return Reads(answers=frozenset({link_id}))
    return Reads(below=frozenset({link_id}))
