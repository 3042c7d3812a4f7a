"""What lists may be filtered by. Each operator is data: how PostgreSQL and how Python ask it, side by side.

The contract test runs both over the same values: a filter on a screen and one in Python never disagree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forms_engine.fields.base import CleanContext, type_of
from forms_engine.fields.limits import simple_lower, text_of
from forms_engine.fields.moments import period_days
from forms_engine.kernel.errors import BadRequest, MesError
from forms_engine.kernel.schema import FieldSpec
from forms_engine.kernel.text import Text

MAX_LIST = 1000


@dataclass(frozen=True)
class Operator:
    """One way to compare.

    Args:
        operand: "none", "one", "two" (a pair, either end may be open), "list", "text", or "period".
        sql: template with `{c}` the column, `{t}` its type, `%s` for each parameter.
        test: the same in Python, on the column's value (may be None) and the operand.
    """

    key: str
    label: Text
    operand: str
    sql: str
    test: Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Condition:
    """One filter clause, ready for both sides: SQL with its parameters, and the Python predicate."""

    sql: str
    params: tuple[Any, ...]
    test: Callable[[Any], bool]


def _text_test(method: str) -> Callable[[Any, Any], bool]:
    def test(value: Any, operand: str) -> bool:
        return value is not None and bool(getattr(simple_lower(value), method)(simple_lower(operand)))

    return test


def _between(value: Any, pair: tuple[Any, Any]) -> bool:
    low, high = pair
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def _during(value: Any, pair: tuple[Any, Any]) -> bool:
    return value is not None and pair[0] <= value < pair[1]


def _order(key: str, en: str, zh: str, sign: str, test: Callable[[Any, Any], bool]) -> Operator:
    return Operator(key, Text(en, zh), "one", f"{{c}} {sign} %s::{{t}}", test)


_ALL = (
    Operator("eq", Text("is", "等于"), "one", "{c} = %s::{t}", lambda v, o: v is not None and v == o),
    Operator(
        "ne",
        Text("is not", "不等于"),
        "one",
        "{c} IS DISTINCT FROM %s::{t}",
        lambda v, o: v is None or v != o,
    ),
    _order("lt", "less than", "小于", "<", lambda v, o: v is not None and v < o),
    _order("le", "at most", "不大于", "<=", lambda v, o: v is not None and v <= o),
    _order("gt", "more than", "大于", ">", lambda v, o: v is not None and v > o),
    _order("ge", "at least", "不小于", ">=", lambda v, o: v is not None and v >= o),
    Operator("between", Text("between", "介于"), "two", "{c} >= %s::{t} AND {c} <= %s::{t}", _between),
    Operator(
        "in", Text("is one of", "属于"), "list", "{c} = ANY(%s::{t}[])", lambda v, o: v is not None and v in o
    ),
    Operator(
        "not_in",
        Text("is none of", "不属于"),
        "list",
        "({c} IS NULL OR {c} <> ALL(%s::{t}[]))",
        lambda v, o: v is None or v not in o,
    ),
    Operator("contains", Text("contains", "包含"), "text", "{c} ILIKE %s", _text_test("__contains__")),
    Operator(
        "not_contains",
        Text("does not contain", "不包含"),
        "text",
        "({c} IS NULL OR {c} NOT ILIKE %s)",
        lambda v, o: v is None or simple_lower(o) not in simple_lower(v),
    ),
    Operator("starts", Text("starts with", "开头是"), "text", "{c} ILIKE %s", _text_test("startswith")),
    Operator("ends", Text("ends with", "结尾是"), "text", "{c} ILIKE %s", _text_test("endswith")),
    Operator("period", Text("during", "时间段"), "period", "{c} >= %s::{t} AND {c} < %s::{t}", _during),
    Operator("empty", Text("is empty", "为空"), "none", "{c} IS NULL", lambda v, o: v is None),
    Operator(
        "not_empty", Text("is filled in", "不为空"), "none", "{c} IS NOT NULL", lambda v, o: v is not None
    ),
)
OPERATORS: Mapping[str, Operator] = {operator.key: operator for operator in _ALL}

_LIKE = {"contains": "%{}%", "not_contains": "%{}%", "starts": "{}%", "ends": "%{}"}


class UnknownOperator(BadRequest):
    """The field does not offer this filter."""

    code = "query.operator_unknown"


class BadOperand(BadRequest):
    """The value to compare with cannot be read."""

    code = "query.operand"


def operators_of(spec: FieldSpec) -> tuple[Operator, ...]:
    """Return the filters a field offers, in the order people see them."""
    return tuple(OPERATORS[key] for key in type_of(spec).operators_of(spec))


def condition(spec: FieldSpec, key: str, raw: Any, *, column: str, ctx: CleanContext) -> Condition:
    """Compile one clause `field operator operand`.

    Args:
        raw: operand as sent: a value, a [low, high] pair, a list of at most 1,000, a period name, or nothing.
        column: SQL expression of the field's main column, already quoted.

    Raises: UnknownOperator; BadOperand with the field at fault.
    """
    kind = type_of(spec)
    operator = OPERATORS.get(key) if isinstance(key, str) and key in kind.operators_of(spec) else None
    if operator is None:
        raise UnknownOperator(
            Text("“%(key)s” is no filter of this field.", "该字段没有筛选方式“%(key)s”。", key=str(key)[:40]),
            field=spec.name,
        )
    try:
        operand, params = _operand(operator, spec, raw, ctx)
    except MesError as error:
        raise BadOperand(error.message, field=spec.name) from None
    pg_type = kind.column(spec).pg_type
    sql, test = operator.sql, operator.test
    if operator.key == "between":
        ends = [("{c} >= %s::{t}", operand[0]), ("{c} <= %s::{t}", operand[1])]
        kept = [(part, end) for part, end in ends if end is not None]
        sql = " AND ".join(part for part, _ in kept) or "{c} IS NOT NULL"
        params = tuple(end for _, end in kept)
    if operator.operand == "none" and kind.fx_type_of(spec) == "text" and pg_type == "text":
        # Columns of typed models may hold '' where ours hold NULL; both are empty to a person.
        sql = "({c} IS NULL OR {c} = '')" if key == "empty" else "({c} IS NOT NULL AND {c} <> '')"
        empty = key == "empty"
        return Condition(sql.format(c=column), (), lambda value: (value in (None, "")) is empty)
    filled = sql.replace("{c}", column).replace("{t}", pg_type)
    return Condition(filled, params, lambda value: test(value, operand))


def _operand(operator: Operator, spec: FieldSpec, raw: Any, ctx: CleanContext) -> tuple[Any, tuple[Any, ...]]:
    """Return the operand for Python and the parameters for SQL."""
    kind = type_of(spec)
    if operator.operand == "none":
        return None, ()
    if operator.operand == "text":
        words = text_of(raw)
        if not words or len(words) > 500:
            raise _bad()
        return words, (_LIKE[operator.key].format(_like_escape(words)),)
    if operator.operand == "period":
        low, high = period_days(raw if isinstance(raw, str) else "", ctx.now.astimezone(ctx.zone).date())
        if kind.fx_type_of(spec) == "datetime":
            low, high = (dt.datetime.combine(d, dt.time(), ctx.zone).astimezone(dt.UTC) for d in (low, high))
        return (low, high), (low, high)
    read = kind.operand_reader(spec)
    if operator.operand == "one":
        if kind.is_blank(raw):
            raise _bad()
        value = read(raw, ctx)
        return value, (value,)
    if not isinstance(raw, list | tuple) or len(raw) > MAX_LIST:
        raise _bad()
    if operator.operand == "two":
        if len(raw) != 2:
            raise _bad()
        pair = tuple(None if kind.is_blank(item) else read(item, ctx) for item in raw)
        return pair, pair
    values = [read(item, ctx) for item in raw if not kind.is_blank(item)]
    return set(values), (values,)


def _like_escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _bad() -> BadRequest:
    return BadRequest(Text("The value to compare with is missing or malformed.", "筛选值缺失或格式不正确。"))
