"""Find what cannot fit together before a formula runs: unknown fields, wrong kinds of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_engine.kernel.expressions.functions import FUNCTIONS
from forms_engine.kernel.expressions.parser import FormulaProblem, Parsed
from forms_engine.kernel.text import Text

TYPES = ("number", "text", "boolean", "date", "datetime", "list", "any", "null")
_NAMES = {
    "number": Text("a number", "数字"),
    "text": Text("text", "文本"),
    "boolean": Text("yes or no", "是/否"),
    "date": Text("a day", "日期"),
    "datetime": Text("a moment", "时间"),
    "list": Text("a list", "列表"),
}
_ACCEPTS = {
    "n": ("number",),
    "s": ("text", "number", "date", "datetime", "boolean"),
    "b": ("boolean",),
    "d": ("date", "datetime"),
    "v": ("number", "text", "boolean", "date", "datetime"),
}


def check(
    parsed: Parsed, types: Mapping[str, str], *, wanted: str | None = None
) -> tuple[str, list[FormulaProblem]]:
    """Infer the type of a formula and list every problem with its position.

    Args:
        types: field name → "number", "text", "boolean", "date", "datetime", "any", or "list:number" … for
            the columns of a sub-table.
        wanted: what the formula has to give ("boolean" for conditions); None takes anything.

    Returns: the inferred type and the problems, none if it fits.
    """
    checker = _Checker(parsed, types)
    kind = checker.type_of(parsed.ast)
    if wanted is not None and not _fits(kind, (wanted,)):
        checker.say(
            parsed.ast, "It has to give %(wanted)s, not %(got)s.", "结果应为%(wanted)s，而不是%(got)s。",
            wanted=_NAMES.get(wanted, wanted), got=_name(kind),
        )  # fmt: skip
    return kind, checker.problems


def _base(kind: str) -> str:
    return "list" if kind.startswith("list") else kind


def _name(kind: str) -> Any:
    return _NAMES.get(_base(kind), kind)


def _fits(kind: str, accepted: tuple[str, ...]) -> bool:
    return _base(kind) in accepted or kind in ("any", "null")


class _Checker:
    def __init__(self, parsed: Parsed, types: Mapping[str, str]) -> None:
        self.parsed = parsed
        self.types = types
        self.problems: list[FormulaProblem] = []

    def say(self, node: list[Any], en: str, zh: str, *, code: str = "formula.type", **params: Any) -> None:
        if len(self.problems) < 50:
            self.problems.append(FormulaProblem(self.parsed.position(node), en, zh, code=code, **params))

    def type_of(self, node: list[Any]) -> str:
        kind = node[0]
        if kind == "field":
            return self.field(node)
        if kind == "neg":
            self.require(node[1], self.type_of(node[1]), ("number",))
            return "number"
        if kind == "op":
            return self.operator(node)
        if kind == "call":
            return self.call(node)
        return {"num": "number", "str": "text", "bool": "boolean"}.get(kind, "null")

    def field(self, node: list[Any]) -> str:
        found = self.types.get(node[1])
        if found is None:
            self.say(
                node, "There is no field “%(name)s”.", "没有字段“%(name)s”。", code="formula.unknown_field",
                name=node[1][:60],
            )  # fmt: skip
            return "any"
        return found

    def require(self, node: list[Any], kind: str, accepted: tuple[str, ...]) -> None:
        if not _fits(kind, accepted):
            self.say(
                node, "Here %(wanted)s is needed, not %(got)s.", "此处需要%(wanted)s，而不是%(got)s。",
                wanted=_NAMES.get(accepted[0], accepted[0]), got=_name(kind),
            )  # fmt: skip

    def operator(self, node: list[Any]) -> str:
        sign, sides = node[1], node[2:]
        kinds = [self.type_of(side) for side in sides]
        if sign == "&":
            for side, kind in zip(sides, kinds, strict=True):
                self.require(side, kind, _ACCEPTS["s"])
            return "text"
        if sign in ("=", "<>"):
            for side, kind in zip(sides, kinds, strict=True):
                self.require(side, kind, _ACCEPTS["v"])
            return "boolean"
        if sign in ("<", "<=", ">", ">="):
            self.ordered(node, sides, kinds)
            return "boolean"
        if sign == "+":
            result = kinds[0]
            for side, kind in zip(sides[1:], kinds[1:], strict=True):
                result = self.added(side, result, kind)
            self.require(sides[0], kinds[0], ("number", "date", "datetime"))
            return result
        if sign == "-":
            return self.subtracted(sides, kinds)
        for side, kind in zip(sides, kinds, strict=True):
            self.require(side, kind, ("number",))
        return "number"

    def added(self, node: list[Any], left: str, right: str) -> str:
        if left in ("date", "datetime"):
            self.require(node, right, ("number",))
            return left
        if right in ("date", "datetime"):
            return right
        self.require(node, right, ("number",))
        return "any" if "any" in (left, right) else "number"

    def subtracted(self, sides: list[Any], kinds: list[str]) -> str:
        left, right = kinds
        if left in ("date", "datetime"):
            if right in ("date", "datetime"):
                if left != right:
                    self.require(sides[1], right, (left,))
                return "number"
            self.require(sides[1], right, ("number",))
            return "any" if right == "any" else left
        self.require(sides[0], left, ("number", "date", "datetime"))
        if left != "any":
            self.require(sides[1], right, ("number",))
        return "any" if left == "any" else "number"

    def ordered(self, node: list[Any], sides: list[Any], kinds: list[str]) -> None:
        for side, kind in zip(sides, kinds, strict=True):
            self.require(side, kind, ("number", "text", "date", "datetime"))
        groups = {"date" if kind == "datetime" else kind for kind in kinds} - {"any", "null"}
        if len(groups) > 1:
            self.say(
                node, "%(a)s cannot be compared with %(b)s.", "%(a)s不能与%(b)s比较。",
                a=_name(kinds[0]), b=_name(kinds[1]),
            )  # fmt: skip

    def call(self, node: list[Any]) -> str:
        function = FUNCTIONS[node[1]]
        arguments = node[2:]
        kinds = [self.type_of(argument) for argument in arguments]
        if function.name == "SWITCH":
            return self.common([k for i, k in enumerate(kinds) if i and (i % 2 == 0 or i == len(kinds) - 1)])
        if function.name == "IFS":
            for argument, kind in zip(arguments[::2], kinds[::2], strict=True):
                self.require(argument, kind, ("boolean",))
            return self.common(kinds[1::2])
        for index, (argument, kind) in enumerate(zip(arguments, kinds, strict=True)):
            wanted = function.kind(index)
            if wanted in _ACCEPTS:
                self.require(argument, kind, _ACCEPTS[wanted])
        if function.result != "same":
            return "list:text" if function.result == "list" else function.result
        if function.name == "IF":
            return self.common([*kinds[1:], *([] if len(kinds) > 2 else ["null"])])
        if function.name == "DATEDELTA":
            return kinds[0]
        return self.common([kind.removeprefix("list:") if kind != "list" else "any" for kind in kinds])

    def common(self, kinds: list[str]) -> str:
        """Return the one type several results share, else "any"."""
        found = set(kinds) - {"null"}
        return found.pop() if len(found) == 1 else ("any" if found else "null")
