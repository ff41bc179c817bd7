"""Text → expression: a lexer in one pattern and a parser by precedence (FHIRPath N1, appendix A)."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from engagement.fhirpath.errors import BadExpression
from engagement.fhirpath.moments import Moment, is_calendar_word
from engagement.fhirpath.nodes import Amount, Item

MAX_LENGTH = 20_000
"""Characters of one expression."""
MAX_DEPTH = 120
"""How deep an expression may nest, a chain of `a + b + c` or `a.b.c` counting as well."""


@dataclass(frozen=True, slots=True)
class Expr:
    """A node of the syntax tree: `op` says what it is, `name` its name or operator, `value` a literal.

    Ops: literal, empty, variable (%x), this, index, total, member (source?.name), call (source?.name(args)), item ([i]),
    linked (source.where(linkId='name'), found by index), unary, binary, type (is, as). `args`: what it is made of; a member's
    or call's first is its source, None where it starts from the focus.
    """

    op: str
    name: str = ""
    args: tuple["Expr | None", ...] = ()
    value: Item | None = None
    depth: int = 1


_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/
    |(?P<moment>@T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?|@\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<quoted>`(?:[^`\\]|\\.)*`)
    |(?P<dashed>%[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z_][A-Za-z0-9_]*)+)
    |(?P<special>\$(?:this|index|total))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<symbol><=|>=|!=|!~|[-+*/=~<>|&.,()\[\]{}%])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_LEVELS: dict[str, int] = {
    "implies": 1, "or": 2, "xor": 2, "and": 3, "in": 4, "contains": 4, "=": 5, "~": 5, "!=": 5, "!~": 5,
    "<": 6, ">": 6, "<=": 6, ">=": 6, "|": 7, "is": 8, "as": 8, "+": 9, "-": 9, "&": 9, "*": 10, "/": 10, "div": 10, "mod": 10,
}  # fmt: skip
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expr:
    """The syntax tree; `BadExpression` says what is wrong and where (the character, from 1)."""
    if len(text) > MAX_LENGTH:
        raise BadExpression(f"the expression is longer than {MAX_LENGTH} characters")
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0
        self.level = 0

    def whole(self) -> Expr:
        found = self.expression(0)
        if self.kind != "end":
            raise self.wrong()
        return found

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    @property
    def text(self) -> str:
        return self.tokens[self.at][1]

    def wrong(self) -> BadExpression:
        kind, text, place = self.tokens[self.at]
        return BadExpression(
            "the expression ends too early" if kind == "end" else f"'{text}' unexpected at {place + 1}"
        )

    def take(self, text: str) -> bool:
        if self.text == text and self.kind in ("symbol", "name"):
            self.at += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise self.wrong()

    def expression(self, floor: int) -> Expr:
        self.level += 1
        if self.level > MAX_DEPTH:
            raise BadExpression(f"the expression nests deeper than {MAX_DEPTH}")
        left = self.unary()
        while self.kind in ("symbol", "name") and (level := _LEVELS.get(self.text, 0)) > floor:
            name = self.text
            self.at += 1
            if name in ("is", "as"):
                left = _node("type", name, (left,), self.type_name())
            else:
                left = _node("binary", name, (left, self.expression(level)))
        self.level -= 1
        return left

    def unary(self) -> Expr:
        if self.kind == "symbol" and self.text in "+-":
            sign = self.text
            self.at += 1
            self.level += 1
            if self.level > MAX_DEPTH:
                raise BadExpression(f"the expression nests deeper than {MAX_DEPTH}")
            found = _node("unary", sign, (self.unary(),))
            self.level -= 1
            return found
        left = self.term()
        while True:
            if self.take("."):
                left = self.invocation(left)
            elif self.take("["):
                left = _node("item", "", (left, self.expression(0)))
                self.need("]")
            else:
                return left

    def term(self) -> Expr:
        kind, text, _ = self.tokens[self.at]
        if self.take("("):
            found = self.expression(0)
            self.need(")")
            return found
        if self.take("{"):
            self.need("}")
            return Expr("empty")
        if self.take("%"):
            kind, text, _ = self.tokens[self.at]
            if kind not in ("name", "quoted", "string"):
                raise self.wrong()
            self.at += 1
            return Expr("variable", text if kind == "name" else _unquoted(text))
        if kind == "dashed":  # %has-fever: strictly %has minus fever, but forms have variables of such names
            self.at += 1
            return Expr("variable", text[1:])
        if kind == "special":
            self.at += 1
            return Expr(text[1:])
        literal = self.literal()
        return literal if literal is not None else self.invocation(None)

    def literal(self) -> Expr | None:
        kind, text, _ = self.tokens[self.at]
        if kind == "name" and text in ("true", "false"):
            self.at += 1
            return Expr("literal", value=text == "true")
        if kind == "string":
            self.at += 1
            return Expr("literal", value=_unquoted(text))
        if kind == "moment":
            bare = text[2:] if text.startswith("@T") else text[1:]
            moment = Moment.parse(bare, "time" if text.startswith("@T") else None)
            if moment is None:
                raise self.wrong()
            self.at += 1
            return Expr("literal", value=moment)
        if kind != "number":
            return None
        self.at += 1
        number = Decimal(text)
        if self.kind == "string":
            unit = _unquoted(self.text)
        elif self.kind == "name" and is_calendar_word(self.text):
            unit = self.text
        else:
            return Expr("literal", value=int(text) if "." not in text and len(text) < 30 else number)
        self.at += 1
        return Expr("literal", value=Amount(number, unit))

    def invocation(self, source: Expr | None) -> Expr:
        kind, text, _ = self.tokens[self.at]
        if kind == "special" and source is not None:
            raise self.wrong()
        if kind not in ("name", "quoted"):
            raise self.wrong()
        self.at += 1
        name = text if kind == "name" else _unquoted(text)
        if not self.take("("):
            return _node("member", name, (source,))
        from engagement.fhirpath.functions import ARITIES  # the table needs the evaluator, which needs this module

        if name not in ARITIES:
            raise BadExpression(f"the function {name}() is not supported")
        args: list[Expr | None] = [source]
        if name in ("ofType", "is", "as"):
            type_ = self.type_name()
            self.need(")")
            return _node("type", name, (source,), type_)
        while not self.take(")"):
            if len(args) > 1:
                self.need(",")
            args.append(self.expression(0))
        least, most = ARITIES[name]
        if not least <= len(args) - 1 <= most:
            raise BadExpression(f"the function {name}() takes {least} to {most} arguments, not {len(args) - 1}")
        return _linked(_node("call", name, tuple(args)))

    def type_name(self) -> str:
        kind, text, _ = self.tokens[self.at]
        if kind not in ("name", "quoted"):
            raise self.wrong()
        self.at += 1
        if self.take("."):
            return self.type_name()
        return text.strip("`")


def _node(op: str, name: str, args: tuple[Expr | None, ...], value: Item | None = None) -> Expr:
    depth = 1 + max((arg.depth for arg in args if arg is not None), default=0)
    if depth > MAX_DEPTH:
        raise BadExpression(f"the expression nests deeper than {MAX_DEPTH}")
    return Expr(op, name, args, value, depth)


def _linked(call: Expr) -> Expr:
    """`x.where(linkId = 'a')` as a lookup: it is what most expressions of Questionnaires do, most of the time."""
    if call.name != "where" or call.args[0] is None:
        return call
    match call.args[1]:
        case Expr(
            op="binary",
            name="=",
            args=(Expr(op="member", name="linkId", args=(None,)), Expr(op="literal", value=str(link))),
        ):
            return _node("linked", link, (call.args[0],))
        case Expr(
            op="binary",
            name="=",
            args=(Expr(op="literal", value=str(link)), Expr(op="member", name="linkId", args=(None,))),
        ):
            return _node("linked", link, (call.args[0],))
    return call


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise BadExpression(f"'{text[place]}' unexpected at {place + 1}")
        if match.lastgroup:
            found.append((match.lastgroup, match[0], place))
        place = match.end()
    return [*found, ("end", "", len(text))]


def _unquoted(text: str) -> str:
    def escape(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        return _ESCAPES.get(found[2], found[2])

    return re.sub(r"\\(?:u([0-9A-Fa-f]{4})|(.))", escape, text[1:-1], flags=re.DOTALL)
