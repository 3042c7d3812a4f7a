"""Rows in the order of their business keys, so that neither order nor ids of the load change the answer
(rule 25).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jit.algorithms.mrp.model import PlanInput
from jit.algorithms.mrp.table import Table

#: Tables sorted by key, and which table each of their row columns points into.
KEYED: dict[str, dict[str, str]] = {
    "nodes": {"store": "nodes"},
    "revisions": {"node": "nodes"},
    "lines": {"revision": "revisions", "component": "nodes"},
    "demands": {"node": "nodes"},
    "works": {"node": "nodes"},
    "lots": {"node": "nodes"},
    "receipts": {"node": "nodes"},
    "sources": {"node": "nodes"},
    "reservations": {"node": "nodes", "lot": "lots", "demand": "demands"},
    "calls": {"node": "nodes", "source": "sources"},
    "proposals": {"node": "nodes", "source": "sources"},
}


@dataclass(frozen=True)
class Canonical:
    """The sorted input, and for each table the caller's row of every sorted row (None = the same)."""

    input: PlanInput
    rows: dict[str, np.ndarray | None]

    def back(self, table: str, column: np.ndarray) -> np.ndarray:
        """Translate row numbers of a sorted table to the caller's; -1 stays."""
        rows = self.rows[table]
        if rows is None or not len(column):
            return column
        return np.where(column >= 0, rows[column], -1).astype(column.dtype)


def key_order(table: Table) -> np.ndarray | None:
    """Return the rows of a table by key, None if they are sorted already.

    Raises: ValueError naming a key that stands twice.
    """
    key = table.columns()["key"]
    order = None
    if not (key[1:] >= key[:-1]).all():
        order = np.argsort(key, kind="stable")
        key = key[order]
    twice = np.flatnonzero(key[1:] == key[:-1])
    if len(twice):
        raise ValueError(f"{type(table).__name__}: the key {key[twice[0]]!r} stands twice")
    return order


def canonical(data: PlanInput) -> Canonical:
    """Sort every keyed table by its key and point the row columns to the new places.

    Raises: ValueError if a key stands twice or a row number points nowhere.
    """
    order: dict[str, np.ndarray | None] = {}
    place: dict[str, np.ndarray | None] = {}
    changed: dict[str, Table] = {}
    for name in KEYED:
        rows = key_order(getattr(data, name))
        order[name] = rows
        place[name] = None if rows is None else np.argsort(rows).astype(np.int32)
    for name, points in KEYED.items():
        table, rows, moved = getattr(data, name), order[name], {}
        for column, target in points.items():
            value, to = table.columns()[column], place[target]
            size = len(getattr(data, target))
            if len(value) and (value.max() >= size or value.min() < -1):
                raise ValueError(f"{type(table).__name__}.{column} points outside the {size} {target}")
            if to is not None and len(value):
                value = np.where(value >= 0, to[value], -1).astype(np.int32)
            moved[column] = value if rows is None else value[rows]
        if rows is not None:
            changed[name] = table.take(rows, **moved)
        elif any(place[target] is not None for target in points.values()):
            changed[name] = replace(table, **moved)
    return Canonical(replace(data, **changed) if changed else data, order)  # type: ignore[arg-type]
