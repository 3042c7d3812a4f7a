"""Turn what PostgreSQL refuses into what a person can act on: the field and one sentence."""

from __future__ import annotations

from django.db import DatabaseError

from forms_engine.base import db
from forms_engine.core.entity import Entity
from forms_engine.core.rules_in_words import broken_rule
from forms_engine.kernel.errors import Denied, ErrorList, FieldError, MesError, Unavailable
from forms_engine.kernel.text import Text

_COLUMNS = """
SELECT a.attname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE c.relname = %s
UNION
SELECT a.attname FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey) WHERE k.conname = %s
"""

_SENTENCES = {
    "23505": (
        "value.not_unique",
        Text("Another record has this value already.", "已有记录使用该值，不能重复。"),
    ),
    "23503": (
        "reference.unknown",
        Text("The chosen record does not exist or is in use.", "所选记录不存在，或正被使用。"),
    ),
    "23514": ("value.not_allowed", Text("This value is not allowed here.", "该值不符合约束条件。")),
    "23502": ("value.required", Text("Please fill this in.", "此项必填。")),
    "22001": ("text.too_long", Text("The text is too long.", "文本过长。")),
    "22003": ("number.range", Text("The number is too large.", "数字超出范围。")),
    "23P01": ("value.overlaps", Text("It overlaps with another record.", "与其他记录重叠。")),
}
_BUSY = {"57014", "55P03", "53300", "57P03"}


def refusal_of(error: DatabaseError, noun: Entity | None) -> MesError | None:
    """Return the refusal a database error means, None for a fault of ours; call it after the rollback."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return None
    if state == "42501":
        return Denied(Text("You may not do this.", "您没有执行此操作的权限。"))
    if state in _BUSY:
        return Unavailable(
            Text("The system is busy. Please try again.", "系统繁忙，请稍后重试。"), code="database.busy"
        )
    if state not in _SENTENCES:
        return None
    code, sentence = _SENTENCES[state]
    diagnosis = cause.diag  # type: ignore[union-attr] - psycopg's errors carry it
    columns: list[str] = []
    if diagnosis.column_name:
        columns = [diagnosis.column_name]
    elif diagnosis.constraint_name:
        with db.connection().cursor() as cursor:
            cursor.execute(_COLUMNS, [diagnosis.constraint_name, diagnosis.constraint_name])
            columns = [row[0] for row in cursor.fetchall()]
    fields = _field_names(noun, columns, diagnosis.table_name)
    params = {"constraint": diagnosis.constraint_name} if diagnosis.constraint_name else {}
    broken = broken_rule(diagnosis.table_name, diagnosis.constraint_name) if state == "23514" else None
    if broken is not None:
        field, sentence = broken
        own = noun is not None and noun.table == diagnosis.table_name and field in noun.fields
        fields = [field if own else ""]
    return ErrorList([FieldError(name, code, sentence, params=params) for name in fields])


def _field_names(noun: Entity | None, columns: list[str], table: str | None) -> list[str]:
    """Return the fields at fault; "" = the record, when the columns are not of this entity."""
    if noun is None or (table and table != noun.table):
        return [""]
    by_column = {f.column: f.name for f in noun.stored if not f.system}
    found = [by_column[column] for column in columns if column in by_column]
    # Of a compound key the part that names the record is the one a person can change.
    return found[-1:] or [""]
