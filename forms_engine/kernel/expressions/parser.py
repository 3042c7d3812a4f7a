"""Source text → AST, by precedence climbing; every mistake comes with its character position.

The AST is JSON: ["num", "12.5"] ["str", "x"] ["bool", true] ["null"] ["field", "lines.qty"] ["neg", a]
["op", "+", a, b, …] ["call", "SUM", a, …]. `+`, `*` and `&` take any number of sides, the others two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forms_engine.kernel.errors import MesError
from forms_engine.kernel.expressions.functions import FUNCTIONS
from forms_engine.kernel.text import Text

Ast = list[Any]

MAX_SOURCE = 4_000
MAX_DEPTH = 60
MAX_NODES = 2_000


class FormulaProblem(MesError):
    """The formula cannot be understood or does not fit; `params["position"]` is the character, from 0."""

    code = "formula.syntax"

    def __init__(self, position: int, en: str, zh: str, *, code: str | None = None, **params: Any) -> None:
        super().__init__(Text(en, zh, **params), params={"position": position, **params}, code=code)
        self.position = position


@dataclass(frozen=True)
class Token:
    kind: str
    value: str
    position: int


@dataclass
class Parsed:
    """A parsed formula: its AST, the fields it reads in order, and where each node stands in the source."""

    source: str
    ast: Ast
    fields: tuple[str, ...]
    positions: dict[int, int]

    def position(self, node: Ast) -> int:
        return self.positions.get(id(node), 0)


# What Chinese input methods type for the same signs.
_WIDE = str.maketrans(
    "，（）＋－×＊÷／＝＜＞＆％；｛｝．" + "０１２３４５６７８９",
    ",()+-**//=<>&%;{}." + "0123456789",
)
_WIDE_PAIRS = {"≠": "<>", "≤": "<=", "≥": ">=", "、": ","}
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
_SIGNS = ("<>", "<=", ">=", "!=", "==", "=", "<", ">", "+", "-", "*", "/", "^", "&", "%", "(", ")", ",", ";")
_QUOTES = {'"': '"', "“": "”", "”": "”", "＂": "＂"}
_BINDING = {"OR": 1, "AND": 2, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "&": 5, "+": 6, "-": 6,
            "*": 7, "/": 7, "^": 8}  # fmt: skip
_CONSTANTS: dict[str, Ast] = {
    "TRUE": ["bool", True],
    "FALSE": ["bool", False],
    "NULL": ["null"],
    "BLANK": ["null"],
}
_CHAINED = frozenset("+*&")


def parse(source: str) -> Parsed:
    """Parse a formula; a leading `=` is allowed.

    Raises: FormulaProblem with the position.
    """
    if not isinstance(source, str) or not source.strip():
        raise FormulaProblem(0, "The formula is empty.", "公式为空。")
    if len(source) > MAX_SOURCE:
        raise FormulaProblem(
            MAX_SOURCE,
            "The formula is longer than %(n)s characters.",
            "公式超过 %(n)s 个字符。",
            n=MAX_SOURCE,
        )
    parser = _Parser(source)
    return parser.whole()


def tokens(source: str) -> Iterator[Token]:
    """Cut a formula into tokens: number, text, field, name, sign, end."""
    at, size = 0, len(source)
    plain = source.translate(_WIDE)
    while at < size:
        char = plain[at]
        if char.isspace():
            at += 1
        elif source[at] in _QUOTES:
            value, end = _quoted(source, at)
            yield Token("text", value, at)
            at = end
        elif char == "{":
            end = plain.find("}", at)
            name = source[at + 1 : end].strip() if end > 0 else ""
            if not name or len(name) > 120 or "{" in plain[at + 1 : end]:
                raise FormulaProblem(at, "A field is written {name}.", "字段应写作 {字段名}。")
            yield Token("field", name, at)
            at = end + 1
        elif match := _NUMBER.match(plain, at):
            yield Token("number", match[0], at)
            at = match.end()
        elif match := _NAME.match(plain, at):
            yield Token("name", match[0], at)
            at = match.end()
        elif char in _WIDE_PAIRS:
            yield Token("sign", _WIDE_PAIRS[char], at)
            at += 1
        else:
            sign = next((sign for sign in _SIGNS if plain.startswith(sign, at)), None)
            if sign is None:
                raise FormulaProblem(
                    at, "“%(sign)s” does not belong here.", "此处不应出现“%(sign)s”。", sign=source[at]
                )
            yield Token("sign", {"!=": "<>", "==": "=", ";": ","}.get(sign, sign), at)
            at += len(sign)
    yield Token("end", "", size)


def _quoted(source: str, at: int) -> tuple[str, int]:
    """Read a text literal; a doubled closing quote inside stands for one."""
    close = _QUOTES[source[at]]
    parts: list[str] = []
    start = at + 1
    while True:
        end = source.find(close, start)
        if end < 0:
            raise FormulaProblem(at, "The text has no closing quote.", "文本缺少右引号。")
        parts.append(source[start:end])
        if not source.startswith(close, end + 1):
            return close.join(parts), end + 1
        start = end + 2


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = list(tokens(source))
        self.at = 0
        self.nodes = 0
        self.fields: dict[str, None] = {}
        self.positions: dict[int, int] = {}

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def whole(self) -> Parsed:
        if self.token.value == "=" and self.token.kind == "sign":
            self.at += 1
        ast = self.expression(0, 0)
        if self.token.kind != "end":
            self.unexpected()
        if _depth(ast) > MAX_DEPTH:
            self.too_deep()
        return Parsed(self.source, ast, tuple(self.fields), self.positions)

    def node(self, ast: Ast, position: int) -> Ast:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise FormulaProblem(
                position, "The formula is too large.", "公式过大。", code="formula.too_large"
            )
        self.positions[id(ast)] = position
        return ast

    def too_deep(self) -> None:
        raise FormulaProblem(
            self.token.position,
            "The formula is nested too deeply.",
            "公式嵌套过深。",
            code="formula.too_large",
        )

    def unexpected(self) -> None:
        token = self.token
        if token.kind == "end":
            raise FormulaProblem(token.position, "Something is missing at the end.", "公式结尾不完整。")
        raise FormulaProblem(
            token.position,
            "“%(sign)s” does not belong here.",
            "此处不应出现“%(sign)s”。",
            sign=token.value[:40],
        )

    def operator(self) -> str | None:
        token = self.token
        if token.kind == "sign" and token.value in _BINDING:
            return token.value
        if token.kind == "name" and token.value.upper() in ("AND", "OR"):
            return token.value.upper()
        return None

    def expression(self, binding: int, depth: int) -> Ast:
        """Parse operators that bind tighter than `binding`."""
        if depth > MAX_DEPTH:
            self.too_deep()
        left = self.operand(depth)
        chained: str | None = None
        while True:
            operator = self.operator()
            if operator is None or _BINDING[operator] <= binding:
                return left
            position = self.token.position
            self.at += 1
            right = self.expression(_BINDING[operator], depth + 1)
            if operator in ("AND", "OR"):
                if chained == operator:
                    left.append(right)
                else:
                    left = self.node(["call", operator, left, right], position)
            elif operator in _CHAINED and chained == operator:
                left.append(right)
            else:
                left = self.node(["op", operator, left, right], position)
            chained = operator

    def operand(self, depth: int) -> Ast:
        token = self.token
        position = token.position
        if token.kind == "sign" and token.value in ("-", "+"):
            self.at += 1
            # As in Excel the sign binds tighter than a power: -2^2 is 4.
            inner = self.operand(depth + 1) if depth <= MAX_DEPTH else self.operand_too_deep()
            return inner if token.value == "+" else self.node(["neg", inner], position)
        if token.kind == "name" and token.value.upper() == "NOT" and not self.called():
            self.at += 1
            return self.node(["call", "NOT", self.expression(3, depth + 1)], position)
        ast = self.primary(token, depth)
        while self.token.kind == "sign" and self.token.value == "%":
            ast = self.node(["op", "*", ast, ["num", "0.01"]], self.token.position)
            self.at += 1
        return ast

    def operand_too_deep(self) -> Ast:
        self.too_deep()
        return []

    def called(self) -> bool:
        following = self.tokens[self.at + 1]
        return following.kind == "sign" and following.value == "("

    def primary(self, token: Token, depth: int) -> Ast:
        position = token.position
        if token.kind == "number":
            self.at += 1
            return self.node(["num", _number_literal(token)], position)
        if token.kind == "text":
            self.at += 1
            return self.node(["str", token.value], position)
        if token.kind == "field":
            self.at += 1
            return self.field(token.value, position)
        if token.kind == "sign" and token.value == "(":
            self.at += 1
            ast = self.expression(0, depth + 1)
            self.expect(")")
            return ast
        if token.kind == "name":
            if self.called():
                return self.call(token, depth)
            self.at += 1
            constant = _CONSTANTS.get(token.value if token.value.upper() == "BLANK" else token.value.upper())
            if constant is not None:
                return self.node(list(constant), position)
            upper = token.value.upper()
            constant = _CONSTANTS.get(token.value if upper == "BLANK" else upper)
            if token.value in FUNCTIONS:
                raise FormulaProblem(
                    position,
                    "%(name)s needs brackets.",
                    "函数 %(name)s 后需要括号。",
                    name=token.value,
                )
            return self.field(token.value, position)
        self.unexpected()
        return []

    def field(self, name: str, position: int) -> Ast:
        self.fields[name] = None
        return self.node(["field", name], position)

    def call(self, token: Token, depth: int) -> Ast:
        name = token.value.upper()
        function = FUNCTIONS.get(name)
        if function is None:
            raise FormulaProblem(
                token.position, "There is no function %(name)s.", "没有函数 %(name)s。",
                name=token.value[:40],                code="formula.unknown_function",
            )  # fmt: skip
        self.at += 2
        arguments: list[Ast] = []
        if self.token.value == ")" and self.token.kind == "sign":
            self.at += 1
        else:
            while True:
                arguments.append(self.expression(0, depth + 1))
                if self.token.kind == "sign" and self.token.value == ",":
                    self.at += 1
                    continue
                self.expect(")")
                break
        if not function.takes(len(arguments)):
            raise FormulaProblem(
                token.position, "%(name)s takes %(n)s.", "函数 %(name)s 需要 %(n)s。", name=name,
                n=function.arity_text(), code="formula.arguments",
            )  # fmt: skip
        return self.node(["call", name, *arguments], token.position)

    def expect(self, sign: str) -> None:
        if self.token.kind != "sign" or self.token.value != sign:
            if self.token.kind == "end":
                raise FormulaProblem(self.token.position, "A bracket is not closed.", "括号未闭合。")
            self.unexpected()
        self.at += 1


def _misplaced(position: int, sign: str) -> FormulaProblem:
    return FormulaProblem(position, "“%(sign)s” does not belong here.", "此处不应出现“%(sign)s”。", sign=sign)


def _number_literal(token: Token) -> str:
    whole, _, exponent = token.value.lower().partition("e")
    figures = whole.replace(".", "").lstrip("0")
    if len(figures) > 34 or (exponent and abs(int(exponent)) > 27):
        raise FormulaProblem(token.position, "The number is too long.", "数字过长。")
    return token.value.lower()


def _depth(ast: Ast) -> int:
    """Return the deepest nesting without recursion."""
    deepest, stack = 0, [(ast, 1)]
    while stack:
        node, level = stack.pop()
        deepest = max(deepest, level)
        stack.extend((part, level + 1) for part in node if isinstance(part, list))
    return deepest
