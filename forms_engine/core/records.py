"""The verbs every entity has: create, update, archive, restore, through a service or the store."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms_engine.core import children, store
from forms_engine.core.action import Action, Result
from forms_engine.core.closed import closed_because
from forms_engine.core.entity import ARCHIVE, CREATE, GENERIC_VERBS, RESTORE, UPDATE, Entity
from forms_engine.core.services.serials import serial_for
from forms_engine.core.writes import Write
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.text import Text

LABELS = {
    CREATE: (Text("New", "新建"), "plus"),
    UPDATE: (Text("Edit", "编辑"), "pencil"),
    ARCHIVE: (Text("Archive", "归档"), "archive"),
    RESTORE: (Text("Restore", "恢复"), "restore"),
}
PAST = {CREATE: "created", UPDATE: "updated", ARCHIVE: "archived", RESTORE: "restored"}


@dataclass(frozen=True)
class Written:
    """What a generic verb did, before the receipt is completed."""

    record_id: uuid.UUID
    changed: tuple[str, ...]
    version: int


class GenericAction(Action):
    """One of the four verbs of one entity; made on demand, not registered."""

    def __init__(self, entity: Entity, verb: str) -> None:
        self.entity = entity.key
        self.noun = entity
        self.key = f"{entity.key}.{verb}"
        self.label, self.icon = LABELS[verb]
        self.record_needed = verb != CREATE
        self.inputs = entity.schema if verb in (CREATE, UPDATE) else type(self).inputs
        self.generic = verb
        if verb == ARCHIVE:
            self.confirm = Text("Archive this record?", "归档该记录？")

    def available(self, *, actor: Any, record: Any) -> bool:
        if self.generic in (CREATE, UPDATE):
            if self.noun.read_only:
                return False
            return record is None or closed_because(self.noun, record) is None
        if not self.noun.archivable or record is None:
            return False
        archived = record.get("archived_at") if isinstance(record, Mapping) else record.archived_at
        return (archived is None) == (self.generic == ARCHIVE)

    def unavailable(self, *, record: Any) -> MesError:
        if self.generic in (ARCHIVE, RESTORE):
            return _already_there(self.generic == RESTORE)
        return closed_because(self.noun, record) or super().unavailable(record=record)

    def run(self, *, actor: Any, record: Any, values: Mapping[str, Any]) -> Result:
        """Write outside the door's fast path (services and nested calls)."""
        raise TypeError("the door runs generic verbs itself")


def generic_action(entity: Entity, verb: str) -> GenericAction | None:
    """Return a generic verb of an entity, or None if it does not offer it."""
    if verb not in GENERIC_VERBS:
        return None
    if verb in (CREATE, UPDATE) and entity.read_only:
        return None
    if verb in (ARCHIVE, RESTORE) and not (entity.archivable and entity.may_be_archived):
        return None
    found = entity.memo.get(("generic", verb))
    if found is None:
        found = GenericAction(entity, verb)
        entity.memo["generic", verb] = found
    return found


def record_create(*, actor: Any, entity: Entity, values: Mapping[str, Any], write: Write) -> Written:
    """Make a record: by the entity's create service, else by the store; child rows and x_ fields with it."""
    if entity.create is not None:
        plain = {name: value for name, value in values.items() if name not in entity.x_names}
        made = entity.create(actor=actor, values=plain)
        extra = {name: value for name, value in values.items() if name in entity.x_names}
        if extra:
            store.row_update(entity, made.pk, store.columns_from(entity, extra))
        return Written(made.pk, tuple(values), 1)
    numbers = {
        spec.name: serial_for(entity.key, spec)
        for spec in entity.schema
        if spec.type == "serial" and values.get(spec.name) is None
    }
    values = {**values, **numbers}
    row = store.columns_from(entity, values)
    if entity.scope == "supplier" and actor.is_outside:
        row["supplier_id"] = actor.supplier_id  # whatever was sent: nobody writes in another's name
    row = store.row_complete(entity, row)
    tables = {name: rows for name, rows in values.items() if name in entity.tables}
    write.insert(entity, row, changed=tuple(values))
    for name, rows in tables.items():
        children.rows_replace(entity, name, parent_row=row, rows=rows, create=True)
    return Written(row["id"], tuple(values), 1)


def record_update(
    *, actor: Any, entity: Entity, record: Any, values: Mapping[str, Any], row: store.Row, write: Write
) -> Written:
    """Change a locked record; fields that already hold the value are not written."""
    pk = row["id"]
    if entity.update is not None:
        plain = {name: value for name, value in values.items() if name not in entity.x_names}
        if plain:
            entity.update(actor=actor, record=record, values=plain)
        extra = {name: value for name, value in values.items() if name in entity.x_names}
        if extra:
            store.row_update(entity, pk, store.columns_from(entity, extra))
        return Written(pk, tuple(values), row.get("version", 0) + 1)
    moved = _moved(entity, values, row)
    changed = _names_moved(entity, values, moved)
    children_changed = tuple(
        name
        for name in values
        if name in entity.tables and children.rows_replace(entity, name, parent_row=row, rows=values[name])
    )
    if moved:
        write.update(entity, pk, moved, changed=changed + children_changed)
    elif children_changed:
        write.event(entity, pk, PAST[UPDATE], changed=children_changed)
    return Written(pk, changed + children_changed, row.get("version", 0) + (1 if moved else 0))


def fields_changed(entity: Entity, values: Mapping[str, Any], row: store.Row) -> frozenset[str]:
    """Return the names of values that would change a record; lines that were sent count as changed."""
    moved = _moved(entity, values, row)
    lines = (name for name in values if name in entity.tables)
    return frozenset((*_names_moved(entity, values, moved), *lines))


def _moved(entity: Entity, values: Mapping[str, Any], row: store.Row) -> store.Row:
    wanted = store.columns_from(entity, values)
    return {column: value for column, value in wanted.items() if row.get(column) != value}


def _names_moved(entity: Entity, values: Mapping[str, Any], moved: store.Row) -> tuple[str, ...]:
    return tuple(
        name
        for name in values
        if name not in entity.tables
        and any(c.name in moved for c in entity.fields[name].type.columns(entity.fields[name].spec))
    )


class AlreadyThere(Conflict):
    """The record is archived already, or was never archived."""

    code = "record.state"


def record_archive(*, entity: Entity, row: store.Row, write: Write, restore: bool = False) -> Written:
    """Put a record away, or bring it back; nothing is ever deleted by this.

    Raises:
        AlreadyThere: it is in that state.
    """
    if (row["archived_at"] is None) == restore:
        raise _already_there(restore)
    verb = RESTORE if restore else ARCHIVE
    moment = None if restore else clock.now()
    write.update(entity, row["id"], {"archived_at": moment}, changed=("archived_at",), verb=PAST[verb])
    return Written(row["id"], ("archived_at",), row.get("version", 0) + 1)


def _already_there(restore: bool) -> AlreadyThere:
    if restore:
        return AlreadyThere(Text("The record is not archived.", "该记录未归档。"))
    return AlreadyThere(Text("The record is archived already.", "该记录已归档。"))
