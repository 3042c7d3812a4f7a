"""Raw values → clean values along a schema: every error at once, the same on every write path.

Pages, REST, imports, flows, public links and offline replays all come through `clean`, so the same bad record
gets the same error codes everywhere. What a schema asks is compiled once into closures and kept in its memo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms_engine.fields.base import MISSING, CleanContext, Cleaner, FieldType, refuse, type_of
from forms_engine.fields.checks import checks_broken
from forms_engine.fields.units import amount_in_own_unit
from forms_engine.kernel.errors import ErrorList, FieldError, MesError
from forms_engine.kernel.expressions import Env, Formula, formula_loose
from forms_engine.kernel.quantity import Quantity
from forms_engine.kernel.schema import FieldSpec, Rule, Schema
from forms_engine.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What came out: values by field name (None = empty), and every error found."""

    values: dict[str, Any]
    errors: tuple[FieldError, ...]

    @property
    def is_valid(self) -> bool:
        return not self.errors

    def or_raise(self) -> dict[str, Any]:
        """Return the values. Raises ErrorList with all errors."""
        if self.errors:
            raise ErrorList(self.errors)
        return self.values


@dataclass(frozen=True, slots=True)
class _Step:
    """One field, compiled."""

    name: str
    spec: FieldSpec
    kind: FieldType
    clean: Cleaner
    is_blank: Callable[[Any], bool] | None
    """None if the usual test (None or blank text) does."""
    required: bool
    closed: bool
    """Read-only or computed: not taken from a submission."""


@dataclass(frozen=True, slots=True)
class _Logic:
    """Conditions, formulas, defaults and rules of a schema; absent in plain schemas."""

    visible: dict[str, Formula]
    required: dict[str, Formula]
    read_only: dict[str, Formula]
    defaults: dict[str, Formula]
    formulas: tuple[tuple[FieldSpec, Any, Formula], ...]
    rules: tuple[tuple[Rule, Formula], ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    steps: tuple[_Step, ...]
    by_name: dict[str, _Step]
    logic: _Logic | None
    constants: dict[str, Any]
    foreign: tuple[tuple[str, FieldSpec], ...]
    """Quantities that may be typed in another unit, each with the reference whose record owns the unit."""


def clean(
    schema: Schema, raw: Mapping[str, Any], *, ctx: CleanContext | None = None, partial: bool = False
) -> Cleaned:
    """Check and convert raw values.

    Args:
        schema: what is asked.
        raw: field name → raw value; unknown names are refused.
        ctx: actor, moment, zone, and on update the stored record.
        partial: an update: only the names in `raw` are touched, defaults are not applied.

    Returns: values for all fields (only the sent and computed ones if partial) and all errors.
    """
    plan: _Plan = schema.memo.get("clean") or _compile(schema)
    if ctx is None:
        ctx = CleanContext()
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    by_name = plan.by_name
    for name in raw:
        if name not in by_name:
            errors.append(_unknown(name))
    if partial:
        steps: Iterable[_Step] = [by_name[name] for name in raw if name in by_name]
    else:
        steps = plan.steps
    empty: list[_Step] = []
    for step in steps:
        name = step.name
        given = raw.get(name, MISSING)
        if step.is_blank is not None:
            blank = given is None or given is MISSING or step.is_blank(given)
        else:
            blank = given is None or given is MISSING or (type(given) is str and not given.strip())
        if step.closed and not ctx.system and (given is not MISSING):
            if not _unchanged(step, given, blank, ctx):
                errors.append(_read_only(name))
            continue
        if blank:
            values[name] = None
            if given is MISSING and name in plan.constants:
                values[name] = plan.constants[name]
            elif step.required or plan.logic is not None:
                empty.append(step)
            continue
        try:
            values[name] = step.clean(given, ctx)
        except ErrorList as many:
            errors.extend(error.under(name) for error in many.errors)
        except MesError as error:
            errors.append(error.at(name) if not error.field else _under(error, name))
    for name, owner in plan.foreign:
        if type(values.get(name)) is Quantity:
            _convert(name, owner, values, errors, ctx)
    if plan.logic is None:
        errors.extend(_required(step.name) for step in empty)
    else:
        _apply(schema, plan.logic, raw, values, errors, empty, ctx, partial)
    if schema.checks:
        errors.extend(checks_broken(schema, raw, values, errors, ctx))
    return Cleaned(values, tuple(errors))


def clean_many(
    schema: Schema,
    rows: Sequence[Mapping[str, Any]],
    *,
    ctx: CleanContext | None = None,
    partial: bool = False,
) -> list[Cleaned]:
    """Clean many records; types that look things up (references) do so once for all rows."""
    ctx = ctx or CleanContext()
    for spec in schema:
        kind = type_of(spec)
        if type(kind).prefetch is not FieldType.prefetch:
            raws = [row[spec.name] for row in rows if not kind.is_blank(row.get(spec.name))]
            kind.prefetch(spec, raws, ctx)
    return [clean(schema, row, ctx=ctx, partial=partial) for row in rows]


def formula_env(schema: Schema, values: Mapping[str, Any], ctx: CleanContext) -> Env:
    """Return what formulas over a record see: the stored values overlaid by `values`."""
    seen: dict[str, Any] = {}
    for spec in schema:
        name = spec.name
        value = values[name] if name in values else ctx.record.get(name)
        seen.update(type_of(spec).formula_values(spec, value))
    for name, value in ctx.record.items():
        seen.setdefault(name, value)
    return Env(seen, now=ctx.now, user=ctx.user, zone=ctx.zone)


def formula_types(schema: Schema) -> dict[str, str]:
    """Return {name: kind} of everything formulas over this schema may read."""
    types: dict[str, str] = {}
    for spec in schema:
        types.update(type_of(spec).formula_names(spec))
    return types


# --- compiling ----------------------------------------------------------------------------------------


def _compile(schema: Schema) -> _Plan:
    steps = []
    constants: dict[str, Any] = {}
    for spec in schema:
        kind = type_of(spec)
        own_blank = type(kind).is_blank is not FieldType.is_blank
        step = _Step(
            spec.name,
            spec,
            kind,
            kind.cleaner(spec),
            kind.is_blank if own_blank else None,
            spec.required and not kind.is_computed,
            spec.read_only or kind.is_computed,
        )
        steps.append(step)
        if spec.default is not None and not _is_formula(spec.default) and not kind.is_computed:
            constants[spec.name] = step.clean(spec.default, CleanContext(system=True))
    foreign = []
    for spec in schema:
        owner = str(spec.option("unit_from") or "").partition(".")[0]
        if owner in schema:
            foreign.append((spec.name, schema[owner]))
    plan = _Plan(tuple(steps), {step.name: step for step in steps}, _logic(schema), constants, tuple(foreign))
    schema.memo["clean"] = plan
    return plan


def _convert(
    name: str, owner: FieldSpec, values: dict[str, Any], errors: list[FieldError], ctx: CleanContext
) -> None:
    """Put an amount typed in another unit into the unit of the record it is about."""
    if any((error.field or "") == owner.name for error in errors):
        del values[name]  # the wrong record is said already; its unit is nobody's fault
        return
    about = values[owner.name] if owner.name in values else ctx.record.get(owner.name)
    try:
        values[name] = amount_in_own_unit(
            values[name], target=str(owner.option("target")), owner=about, ctx=ctx
        )
    except MesError as error:
        errors.append(error.at(name))


def _is_formula(default: Any) -> bool:
    return isinstance(default, Mapping) and set(default) == {"formula"}


def _logic(schema: Schema) -> _Logic | None:
    def conditions(attribute: str) -> dict[str, Formula]:
        sources = ((spec.name, getattr(spec, attribute)) for spec in schema)
        return {name: formula_loose(source) for name, source in sources if source}

    visible = conditions("visible_when")
    for section in schema.sections:
        if section.visible_when:
            condition = formula_loose(section.visible_when)
            for name in section.fields:
                visible.setdefault(name, condition)
    defaults = {
        spec.name: formula_loose(spec.default["formula"]) for spec in schema if _is_formula(spec.default)
    }
    logic = _Logic(
        visible,
        conditions("required_when"),
        conditions("read_only_when"),
        defaults,
        tuple(
            (spec, type_of(spec), formula_loose(str(spec.option("formula"))))
            for spec in formulas_in_order(schema)
        ),
        tuple((rule, formula_loose(rule.must)) for rule in schema.rules),
    )
    used = (logic.visible, logic.required, logic.read_only, defaults, logic.formulas, logic.rules)
    return logic if any(used) else None


def formulas_in_order(schema: Schema) -> list[FieldSpec]:
    """Return the computed fields so that each comes after those it reads.

    Raises: FieldError formula.cycle naming the circle.
    """
    waiting = {spec.name: spec for spec in schema if type_of(spec).is_computed and spec.option("formula")}
    needs = {
        name: [dep for dep in formula_loose(str(spec.option("formula"))).deps if dep in waiting]
        for name, spec in waiting.items()
    }
    ordered: list[FieldSpec] = []
    done: set[str] = set()
    while len(done) < len(waiting):
        ready = [name for name in waiting if name not in done and all(dep in done for dep in needs[name])]
        if not ready:
            circle = [name for name in waiting if name not in done]
            raise FieldError(
                circle[0],
                "formula.cycle",
                Text(
                    "These formulas need each other: %(names)s.",
                    "这些公式相互依赖：%(names)s。",
                    names=" → ".join([*circle, circle[0]]),
                ),
            )
        done.update(ready)
        ordered.extend(waiting[name] for name in ready)
    return ordered


# --- conditions, formulas, rules ----------------------------------------------------------------------


def _apply(
    schema: Schema,
    logic: _Logic,
    raw: Mapping[str, Any],
    values: dict[str, Any],
    errors: list[FieldError],
    empty: list[_Step],
    ctx: CleanContext,
    partial: bool,
) -> None:
    """Run defaults, computed fields, conditional required and read-only, and rules, in this order."""
    env = formula_env(schema, values, ctx)
    seen: dict[str, Any] = env.values  # type: ignore[assignment]
    for step in list(empty):
        default = logic.defaults.get(step.name)
        if default is None or partial or step.name in raw:
            continue
        result = default.evaluate(env)
        if result is not None and not isinstance(result, Exception):
            try:
                values[step.name] = step.clean(result, ctx)
            except MesError as error:
                errors.append(error.at(step.name))
                continue
            seen.update(step.kind.formula_values(step.spec, values[step.name]))
            empty.remove(step)
    changed = set(raw) | set(values)
    for spec, kind, formula in logic.formulas:
        if partial and not _touches(formula, changed):
            continue
        values[spec.name] = kind.computed(spec, formula.evaluate(env))
        seen.update(kind.formula_values(spec, values[spec.name]))
        changed.add(spec.name)
    for step in empty:
        name = step.name
        if step.kind.is_computed or not step.required or name in logic.required:
            continue
        if name not in logic.visible or logic.visible[name].holds(env):
            errors.append(_required(name))
    for name, condition in logic.required.items():
        spec = schema[name]
        value = values[name] if name in values else ctx.record.get(name)
        asked = not partial or name in raw or _touches(condition, changed)
        wrong = any(error.field == name for error in errors)
        if value is None and asked and not wrong and (spec.required or condition.holds(env)):
            if name in logic.visible and not logic.visible[name].holds(env):
                continue
            errors.append(_required(name))
    for name, condition in logic.read_only.items():
        touched = name in raw and name in values and values[name] != ctx.record.get(name)
        if touched and not ctx.system and condition.holds(env):
            errors.append(_read_only(name))
            del values[name]
    broken = {(error.field or "").partition(".")[0] for error in errors}
    for rule, condition in logic.rules:
        if broken and any(dep.partition(".")[0] in broken for dep in condition.deps):
            continue
        if partial and not _touches(condition, changed):
            continue
        if condition.holds(env) is False:
            errors.append(FieldError(rule.field, rule.code, rule.message))


def _touches(formula: Formula, changed: set[str]) -> bool:
    return not formula.deps or any(dep in changed or dep.partition(".")[0] in changed for dep in formula.deps)


# --- errors -------------------------------------------------------------------------------------------


def _unchanged(step: _Step, given: Any, blank: bool, ctx: CleanContext) -> bool:
    """A form may send back a read-only value as it stands; that is no change."""
    stored = ctx.record.get(step.name)
    if blank:
        return stored is None
    try:
        return bool(step.kind.parser(step.spec)(given, ctx) == stored)
    except MesError:
        return False


def _under(error: MesError, name: str) -> FieldError:
    return error.at(error.field or "").under(name)


def _required(name: str) -> FieldError:
    return refuse("value.required", "Please fill this in.", "必填。").under(name)


def _read_only(name: str) -> FieldError:
    return refuse("field.read_only", "This field cannot be changed.", "该字段不可修改。").under(name)


def _unknown(name: Any) -> FieldError:
    return FieldError(
        str(name)[:100], "field.unknown", Text("There is no such field.", "没有该字段。"), params={}
    )
