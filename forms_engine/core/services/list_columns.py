"""Which fields the list of an entity shows, and in which order, for everybody who has not asked otherwise."""

from __future__ import annotations

import json
from collections.abc import Sequence

from forms_engine.access.actor import Actor
from forms_engine.access.administrators import is_administrator
from forms_engine.base import db
from forms_engine.base.sql import execute
from forms_engine.core.entity import Entity, entities_current
from forms_engine.core.pushing import push_on_commit
from forms_engine.journal.services import entry_write
from forms_engine.kernel.errors import Denied, ErrorList, FieldError
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text

CHOOSE = "core.schema.columns"
MOST = 30

_SET = """
INSERT INTO core_entitydefinition (id, created_at, updated_at, version, key, is_typed, label, plural, icon,
  scope, title, business_key, search, columns, sort, current)
VALUES (%s, now(), now(), 1, %s, true, %s::jsonb, %s::jsonb, %s, '', '', '{}', '{}', %s, '{}', 0)
ON CONFLICT (key) DO UPDATE SET columns = excluded.columns, updated_at = now(),
  version = core_entitydefinition.version + 1
RETURNING id
"""
_STAMP = "UPDATE core_schemastamp SET version = version + 1 WHERE id = 1"


def columns_offered(noun: Entity) -> list[str]:
    """Return the fields a list can show: all but child tables, in the order of the schema."""
    return [name for name, field in noun.fields.items() if field.spec.type != "table"]


@db.atomic
def list_columns_set(*, actor: Actor, entity_key: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Choose the columns of an entity's list; every process follows with its next request.

    Args:
        columns: names of fields in order; none = what the entity shows by itself.

    Raises: Denied to all but administrators, UnknownEntity, ErrorList for names a list cannot show.
    """
    if not is_administrator(actor):
        raise Denied(Text("Only administrators choose the columns of lists.", "只有管理员可以设置列表的列。"))
    execute("SELECT version FROM core_schemastamp WHERE id = 1 FOR UPDATE", [])  # no publish meanwhile
    noun = entities_current().get(entity_key)
    chosen = tuple(dict.fromkeys(columns))
    _check(noun, chosen)
    row = execute(
        _SET,
        [
            new_id(),
            noun.key,
            json.dumps(noun.label.dump()),
            json.dumps(noun.plural.dump()),
            noun.icon,
            list(chosen),
        ],
    ).fetchone()
    execute(_STAMP, [])
    entry_write(actor=actor, action=CHOOSE, reason=", ".join(chosen), records=[("core.entity", row[0])])
    push_on_commit([noun.key])
    return chosen


def _check(noun: Entity, chosen: tuple[str, ...]) -> None:
    offered = columns_offered(noun)
    faults = [
        FieldError(
            "columns",
            "columns.unknown",
            Text("There is no field “%(name)s” to show.", "没有可显示的字段“%(name)s”。", name=name),
        )
        for name in chosen
        if name not in offered
    ]
    if len(chosen) > MOST:
        faults.append(
            FieldError(
                "columns",
                "columns.too_many",
                Text("A list shows at most %(n)s columns.", "列表最多显示 %(n)s 列。", n=MOST),
            )
        )
    if faults:
        raise ErrorList(faults)
