"""What a new schema means for a table: the steps, in order, and the questions about the rows at risk. Pure.

Fields are matched by their stable id. A field that leaves keeps its column and values (a later contract
step drops it), so a mistake is undone by adding the field again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from forms_engine.fields.base import ColumnSpec
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.tables.columns import (
    conversion,
    default_literals,
    field_columns,
    reference_target,
    schema_columns,
)
from forms_engine.tables.protection import Protection, checked_name

SYSTEM_COLUMNS = (
    "id uuid PRIMARY KEY",
    "created_at timestamptz NOT NULL DEFAULT now()",
    "updated_at timestamptz NOT NULL DEFAULT now()",
    "version integer NOT NULL DEFAULT 1",
    "archived_at timestamptz",
)
NAME_BYTES = 63


@dataclass(frozen=True)
class Step:
    """One piece of DDL.

    `phase`: "expand" runs in the publish transaction; "index" and "validate" alone, afterwards, without
    blocking writers; "convert" is a type change, which brings its own transactions. `field` names the field
    it is done for, "" where it is for none.
    """

    kind: str
    phase: str
    sql: str
    column: str = ""
    undo: str = ""
    change: TypeChange | None = None
    field: str = ""


@dataclass(frozen=True)
class TypeChange:
    """A column whose type changes: how, and under which names old and new live meanwhile."""

    table: str
    field_id: str
    old: ColumnSpec
    new: ColumnSpec
    expression: str

    @property
    def growing(self) -> str:
        """Name of the new column until the swap."""
        return f"{self.new.name[:50]}__new"

    @property
    def retired(self) -> str:
        """Name of the old column after the swap."""
        return f"{self.old.name[:45]}__was_{self.old.pg_type.split('(')[0].replace(' ', '_')[:10]}"


@dataclass(frozen=True)
class Risk:
    """A question to the rows: how many does this touch? `sql` counts them."""

    kind: str
    field: str
    message: Text
    sql: str


@dataclass(frozen=True)
class DdlPlan:
    """Everything a publish does to one table."""

    table: str
    steps: tuple[Step, ...]
    risks: tuple[Risk, ...]
    protection: Protection
    creates: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.steps and not self.creates


def plan(
    old: Schema | None,
    new: Schema,
    table: str,
    *,
    table_of: Callable[[str], str] | None = None,
    protection: Protection | None = None,
    unique_together: tuple[str, ...] = (),
) -> DdlPlan:
    """Return what takes a table from one schema to another.

    Args:
        old: None = the table does not exist yet and is created.
        new: for a typed table only the fields an admin has added (their names begin with x_).
        table_of: entity key → table, for foreign keys; needed when there are references.
        protection: the walls of a table that is created.
        unique_together: columns put before every unique column (supplier_id in a scoped table).

    Raises: ValueError for names or types that cannot be columns.
    """
    checked_name(table)
    wanted = protection or Protection()
    before = unique_together or ((wanted.scope_column,) if wanted.scope else ())
    steps: list[Step] = []
    risks: list[Risk] = []
    if old is None:
        steps += _create(table, new, wanted)
        for spec in new:
            steps += _for(spec, _around(table, spec, table_of, before, fresh=True))
        steps.append(_index(table, f"{table}_newest", "(created_at DESC, id DESC)"))
        return DdlPlan(table, _ordered(steps), (), wanted, creates=True)
    known = {spec.id: spec for spec in old}
    for spec in new:
        was = known.pop(spec.id, None)
        if was is None:
            steps += _for(spec, [*_add(table, spec), *_around(table, spec, table_of, before)])
            continue
        more_steps, more_risks = _change(table, was, spec, table_of, before)
        steps += _for(spec, more_steps)
        risks += more_risks
    for spec in known.values():
        steps += _for(spec, _leave(table, spec))
        risks += [_count_filled(table, spec)] if field_columns(spec) else []
    return DdlPlan(table, _ordered(steps), tuple(risks), wanted)


def _for(spec: FieldSpec, steps: Iterable[Step]) -> list[Step]:
    """Name the field on whose account the steps are taken."""
    return [replace(step, field=spec.name) for step in steps]


def _ordered(steps: list[Step]) -> tuple[Step, ...]:
    """Renames first, so that a name that is free again can be taken."""
    order = {"move_aside": 0, "rename_column": 0, "create_table": 1}
    return tuple(sorted(steps, key=lambda step: order.get(step.kind, 2)))


def _create(table: str, schema: Schema, wanted: Protection) -> list[Step]:
    lines = list(SYSTEM_COLUMNS)
    columns = schema_columns(schema)
    if wanted.scope and wanted.scope_column not in columns:
        lines.append(f'"{checked_name(wanted.scope_column)}" uuid NOT NULL')
    for name, (spec, column) in columns.items():
        literal = default_literals(spec).get(name)
        not_null = " NOT NULL" if wanted.scope and name == wanted.scope_column else ""
        lines.append(
            f'"{checked_name(name)}" {column.pg_type}{f" DEFAULT {literal}" if literal else ""}{not_null}'
        )
    body = ",\n  ".join(lines)
    return [Step("create_table", "expand", f'CREATE TABLE "{table}" (\n  {body}\n)')]


def _add(table: str, spec: FieldSpec) -> list[Step]:
    defaults = default_literals(spec)
    steps = []
    for column in field_columns(spec):
        name = checked_name(column.name)
        default = f" DEFAULT {defaults[name]}" if name in defaults else ""
        text = f'ALTER TABLE "{table}" ADD COLUMN "{name}" {column.pg_type}{default}'
        steps.append(Step("add_column", "expand", text, column=name))
    return steps


def _around(
    table: str,
    spec: FieldSpec,
    table_of: Callable[[str], str] | None,
    before: tuple[str, ...],
    *,
    fresh: bool = False,
) -> list[Step]:
    """Foreign key and indexes of a field that is new in the table."""
    columns = field_columns(spec)
    if not columns:
        return []
    main = columns[0].name
    steps: list[Step] = []
    target = reference_target(spec)
    if target is not None:
        if table_of is None:
            raise ValueError(f"{spec.name} is a reference, but nobody said which table {target} is")
        steps += _foreign_key(table, main, checked_name(table_of(target)), fresh)
    if spec.unique:
        steps.append(_unique(table, main, before))
    elif spec.index or target is not None:
        steps.append(_index(table, _named(table, main, "ix"), f'("{main}", id)'))
    return steps


def _foreign_key(table: str, column: str, target: str, fresh: bool) -> list[Step]:
    """NOT DEFERRABLE: a broken reference is refused by its own statement, not at COMMIT."""
    name = _named(table, column, "fk")
    add = (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY ("{column}") REFERENCES "{target}" (id) '
        f"NOT DEFERRABLE{'' if fresh else ' NOT VALID'}"
    )
    steps = [Step("add_foreign_key", "expand", add, column=column)]
    if not fresh:
        text = f'ALTER TABLE "{table}" VALIDATE CONSTRAINT "{name}"'
        steps.append(Step("validate", "validate", text, column=column))
    return steps


def _index(table: str, name: str, body: str) -> Step:
    return Step(
        "index",
        "index",
        f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{name}" ON "{table}" {body}',
        column=name,
        undo=f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"',
    )


def _unique(table: str, column: str, before: tuple[str, ...]) -> Step:
    name = _named(table, column, "uq")
    columns = ", ".join(f'"{part}"' for part in (*(b for b in before if b != column), column))
    return Step(
        "unique",
        "index",
        f'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "{name}" ON "{table}" ({columns})',
        column=name,
        undo=f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"',
    )


def _named(table: str, column: str, kind: str) -> str:
    """Return an index or constraint name within PostgreSQL's 63 bytes; table and column keep their share."""
    name = f"{table}_{column}_{kind}"
    return name if len(name) <= NAME_BYTES else f"{table[:28]}_{column[:28]}_{kind}"


def _change(
    table: str,
    was: FieldSpec,
    spec: FieldSpec,
    table_of: Callable[[str], str] | None,
    before: tuple[str, ...],
) -> tuple[list[Step], list[Risk]]:
    old_columns, new_columns = field_columns(was), field_columns(spec)
    if not old_columns or not new_columns or reference_target(was) != reference_target(spec):
        return _replace(table, was, spec, table_of, before)
    steps, risks = [], []
    for old, new in zip(old_columns, new_columns, strict=False):
        if old.pg_type != new.pg_type:
            steps.append(_type_step(table, spec, old, new))
            risks.append(_count_unconvertible(table, spec, old, new))
        elif old.name != new.name:
            text = f'ALTER TABLE "{table}" RENAME COLUMN "{old.name}" TO "{checked_name(new.name)}"'
            steps.append(Step("rename_column", "expand", text, column=new.name))
    for extra in new_columns[len(old_columns) :]:
        text = f'ALTER TABLE "{table}" ADD COLUMN "{checked_name(extra.name)}" {extra.pg_type}'
        steps.append(Step("add_column", "expand", text, column=extra.name))
    if old_columns[0].pg_type != new_columns[0].pg_type:
        steps += _around(table, spec, table_of, before)  # those of the old column left with it
    else:
        more, asked = _index_changes(table, was, spec, new_columns[0].name, before)
        steps += more
        risks += asked
    if spec.required and not was.required:
        risks.append(_count_empty(table, was, spec))
    return steps, risks


def _replace(
    table: str,
    was: FieldSpec,
    spec: FieldSpec,
    table_of: Callable[[str], str] | None,
    before: tuple[str, ...],
) -> tuple[list[Step], list[Risk]]:
    """Begin an empty column where nothing can be converted (another target); the old one is moved aside."""
    aside = [Step("move_aside", "expand", "", column=column.name) for column in field_columns(was)]
    risks = [_count_filled(table, was)] if aside else []
    return [*aside, *_add(table, spec), *_around(table, spec, table_of, before)], risks


def _type_step(table: str, spec: FieldSpec, old: ColumnSpec, new: ColumnSpec) -> Step:
    change = TypeChange(table, spec.id, old, new, conversion(old, new))
    return Step("change_type", "convert", change.expression, column=new.name, change=change)


def _index_changes(
    table: str, was: FieldSpec, spec: FieldSpec, main: str, before: tuple[str, ...]
) -> tuple[list[Step], list[Risk]]:
    steps: list[Step] = []
    risks: list[Risk] = []
    if spec.unique and not was.unique:
        steps.append(_unique(table, main, before))
        risks.append(_count_twice(table, was, spec, before))
    if was.unique and not spec.unique:
        name = _named(table, main, "uq")
        steps.append(Step("drop_index", "index", f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"', column=name))
    if spec.index and not was.index and not spec.unique:
        steps.append(_index(table, _named(table, main, "ix"), f'("{main}", id)'))
    if was.index and not spec.index and reference_target(spec) is None:
        name = _named(table, main, "ix")
        steps.append(Step("drop_index", "index", f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"', column=name))
    return steps, risks


def _leave(table: str, spec: FieldSpec) -> list[Step]:
    """A field that goes keeps its column, but must not refuse rows any more."""
    if not spec.unique or not field_columns(spec):
        return []
    name = _named(table, field_columns(spec)[0].name, "uq")
    return [Step("drop_index", "index", f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"', column=name)]


def _count_filled(table: str, spec: FieldSpec) -> Risk:
    main = field_columns(spec)[0].name
    return Risk(
        "hidden_values",
        spec.name,
        Text(
            "%(field)s leaves the form; its values stay stored.",
            "字段“%(field)s”将移出表单，已有数据保留。",
            field=spec.label,
        ),
        f'SELECT count("{main}") FROM "{table}"',
    )


def _count_unconvertible(table: str, spec: FieldSpec, old: ColumnSpec, new: ColumnSpec) -> Risk:
    return Risk(
        "unconvertible",
        spec.name,
        Text(
            "Values of %(field)s cannot become %(type)s; they go into quarantine.",
            "字段“%(field)s”的部分数据无法转换为 %(type)s，将进入隔离区。",
            field=spec.label,
            type=new.pg_type,
        ),
        f'SELECT count(*) FROM "{table}" WHERE "{old.name}" IS NOT NULL AND ({conversion(old, new)}) IS NULL',
    )


def _count_twice(table: str, was: FieldSpec, spec: FieldSpec, before: tuple[str, ...]) -> Risk:
    main = field_columns(was)[0].name
    columns = ", ".join(f'"{part}"' for part in (*(b for b in before if b != main), main))
    return Risk(
        "duplicates",
        spec.name,
        Text(
            "%(field)s is to be unique, but these records share a value.",
            "字段“%(field)s”要求唯一，但以下记录的值重复。",
            field=spec.label,
        ),
        f'SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM "{table}" WHERE "{main}" IS NOT NULL '
        f"GROUP BY {columns} HAVING count(*) > 1) twice",
    )


def _count_empty(table: str, was: FieldSpec, spec: FieldSpec) -> Risk:
    main = field_columns(was)[0].name
    return Risk(
        "missing",
        spec.name,
        Text(
            "%(field)s becomes required; these records have no value until they are next edited.",
            "字段“%(field)s”改为必填；以下记录在下次编辑前仍为空。",
            field=spec.label,
        ),
        f'SELECT count(*) FROM "{table}" WHERE "{main}" IS NULL',
    )
