"""AST → Python closures, made once per formula, run once per record."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from forms_engine.kernel.expressions import values as fx
from forms_engine.kernel.expressions.functions import FUNCTIONS, Function
from forms_engine.kernel.expressions.values import Env, FxError, value_error

Run = Callable[[Env], Any]


def compiled(ast: list[Any]) -> Run:
    """Turn an AST into a function env → value. It raises FxError; `evaluate` returns it instead."""
    kind = ast[0]
    if kind == "num":
        constant = fx.number_checked(fx.CONTEXT.create_decimal(ast[1]))
        return lambda env: constant
    if kind in ("str", "bool"):
        literal = ast[1]
        return lambda env: literal
    if kind == "null":
        return lambda env: None
    if kind == "field":
        return _field(ast[1])
    if kind == "neg":
        inner = compiled(ast[1])
        return lambda env: fx.negate(inner(env))
    if kind == "op":
        return _operator(ast[1], [compiled(side) for side in ast[2:]])
    return _call(ast)


def evaluate(run: Run, env: Env) -> Any:
    """Run a compiled formula; the result is a value, None, or an FxError."""
    env.items = 0
    try:
        return run(env)
    except FxError as error:
        return error


def _field(name: str) -> Run:
    def read(env: Env) -> Any:
        value = env.values.get(name)
        kind = type(value)
        if kind is Decimal or kind is str or value is None:
            return value
        if isinstance(value, list | tuple):
            env.items += len(value)
            if env.items > fx.MAX_WORK:
                raise fx.num_error()
        return fx.fx_value(value)

    return read


_BINARY: dict[str, Callable[[Any, Any], Any]] = {"-": fx.subtract, "/": fx.divide, "^": fx.power}
_CHAINED: dict[str, Callable[[Any, Any], Any]] = {"+": fx.add, "*": fx.multiply}


def _operator(sign: str, sides: list[Run]) -> Run:
    if sign == "&":
        return lambda env: fx.join_texts([side(env) for side in sides])
    if sign in _CHAINED:
        step = _CHAINED[sign]
        return lambda env: functools.reduce(step, [side(env) for side in sides])
    left, right = sides
    if sign in _BINARY:
        binary = _BINARY[sign]
        return lambda env: binary(left(env), right(env))
    if sign == "=":
        return lambda env: fx.equal(left(env), right(env), env)
    if sign == "<>":
        return lambda env: not fx.equal(left(env), right(env), env)
    if sign == "<":
        return lambda env: fx.less(left(env), right(env), env)
    if sign == ">":
        return lambda env: _greater(left(env), right(env), env)
    if sign == "<=":
        return lambda env: _negated(_greater(left(env), right(env), env))
    return lambda env: _negated(fx.less(left(env), right(env), env))


def _greater(a: Any, b: Any, env: Env) -> bool | None:
    return fx.less(b, a, env)


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _call(ast: list[Any]) -> Run:
    function = FUNCTIONS[ast[1]]
    arguments = [compiled(argument) for argument in ast[2:]]
    lazy = _LAZY.get(function.name)
    if lazy is not None:
        return lazy(arguments)
    if function.run is None:
        raise ValueError(f"{function.name} has no code")
    readers = [_ARGUMENT[function.kind(index)] for index in range(len(arguments))]
    return _strict(function, arguments, readers)


def _strict(function: Function, arguments: list[Run], readers: list[Callable[[Any], Any]]) -> Run:
    run = function.run
    pairs = list(zip(arguments, readers, strict=True))
    assert run is not None  # noqa: S101  (checked by the caller; for the type checker)
    if function.empty == "own":

        def own(env: Env) -> Any:
            return run(env, *[read(argument(env)) for argument, read in pairs])

        return own

    def propagate(env: Env) -> Any:
        given = [read(argument(env)) for argument, read in pairs]
        return None if None in given else run(env, *given)

    return propagate


def _as_number(value: Any) -> Any:
    return None if value is None else fx.number(value)


def _as_text(value: Any) -> Any:
    return None if value is None else fx.text(value)


def _as_day(value: Any) -> Any:
    if value is None or isinstance(value, dt.date):
        return value
    raise value_error()


def _as_single(value: Any) -> Any:
    if isinstance(value, list):
        raise value_error()
    return value


def _as_is(value: Any) -> Any:
    return value


_ARGUMENT: dict[str, Callable[[Any], Any]] = {
    "n": _as_number, "s": _as_text, "b": fx.boolean, "d": _as_day, "v": _as_single, "l": _as_is, "*": _as_is,
}  # fmt: skip


def _if(arguments: list[Run]) -> Run:
    condition, yes, *rest = arguments
    no: Run = rest[0] if rest else (lambda env: None)
    return lambda env: yes(env) if fx.boolean(condition(env)) else no(env)


def _ifs(arguments: list[Run]) -> Run:
    pairs = list(zip(arguments[::2], arguments[1::2], strict=True))

    def run(env: Env) -> Any:
        for condition, result in pairs:
            if fx.boolean(condition(env)):
                return result(env)
        return None

    return run


def _switch(arguments: list[Run]) -> Run:
    subject, *rest = arguments
    default: Run = rest.pop() if len(rest) % 2 else (lambda env: None)
    pairs = list(zip(rest[::2], rest[1::2], strict=True))

    def run(env: Env) -> Any:
        value = subject(env)
        for wanted, result in pairs:
            if fx.equal(value, wanted(env), env):
                return result(env)
        return default(env)

    return run


def _and(arguments: list[Run]) -> Run:
    """FALSE as soon as one is; else empty if one is empty; else TRUE (three-valued, as in SQL)."""

    def run(env: Env) -> bool | None:
        result: bool | None = True
        for argument in arguments:
            value = fx.boolean(argument(env))
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return run


def _or(arguments: list[Run]) -> Run:
    def run(env: Env) -> bool | None:
        result: bool | None = False
        for argument in arguments:
            value = fx.boolean(argument(env))
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return run


def _iferror(arguments: list[Run]) -> Run:
    first, otherwise = arguments

    def run(env: Env) -> Any:
        try:
            return first(env)
        except FxError:
            return otherwise(env)

    return run


_LAZY: dict[str, Callable[[list[Run]], Run]] = {
    "IF": _if, "IFS": _ifs, "SWITCH": _switch, "AND": _and, "OR": _or, "IFERROR": _iferror,
}  # fmt: skip
