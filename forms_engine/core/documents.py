"""A line is closed with its document: while nobody may edit the document, nobody edits its lines alone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from forms_engine.core import store
from forms_engine.core.closed import closed_because
from forms_engine.core.entity import Entity, entities
from forms_engine.kernel.errors import Conflict


class Documents:
    """The documents lines of one entity belong to; each is read, and held, once."""

    def __init__(self, line: Entity) -> None:
        self._line, self._places = line, _documents_of(line)
        self._known: dict[uuid.UUID, Conflict | None] = {}

    def require_open(self, values: Mapping[str, Any], row: store.Row | None = None) -> None:
        """Refuse to make or change a line of a closed document.

        The document's row is locked, so that its state cannot move meanwhile.

        Args:
            values: what the line shall hold, by field.
            row: columns of the line as it stands; None = it is new.
        Raises: RecordClosed, RecordArchived, in the words of the document.
        """
        if not self._places:
            return
        stands = self._line.values_from(row) if row is not None else {}
        for parent, fk in self._places:
            for pk in {line[fk] for line in (stands, values) if line.get(fk) is not None}:
                if pk not in self._known:
                    self._known[pk] = _closed(parent, pk)
                if refusal := self._known[pk]:
                    raise refusal


def _documents_of(line: Entity) -> tuple[tuple[Entity, str], ...]:
    found: tuple[tuple[Entity, str], ...] | None = line.memo.get("documents")
    if found is None:
        found = tuple(
            (parent, table.fk)
            for parent in entities().by_key.values()
            if parent.editable is not None and parent.model is not None
            for table in parent.tables.values()
            if table.entity == line.key
        )
        line.memo["documents"] = found
    return found


def _closed(parent: Entity, pk: uuid.UUID) -> Conflict | None:
    assert parent.model is not None  # noqa: S101 - only typed entities state a rule
    record = parent.model._base_manager.select_for_update(of=("self",)).filter(pk=pk).first()
    return None if record is None else closed_because(parent, record)
