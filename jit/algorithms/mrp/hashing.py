"""Same input, same answer, provably: hashes over business keys, quantities, times and what the pegs
follow from (rule 25).
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple

import numpy as np

from jit.algorithms.mrp.canonical import KEYED, canonical
from jit.algorithms.mrp.model import PlanInput
from jit.algorithms.mrp.result import PlanResult, ReqKind, Subject
from jit.algorithms.mrp.table import Table


def _feed(digest: hashlib._Hash, name: str, column: np.ndarray) -> None:
    """Add one column: floats as whole micro-units, texts with their lengths."""
    digest.update(f"{name}:{len(column)}:{column.dtype.kind}{column.dtype.itemsize};".encode())
    if column.dtype.kind == "f":
        whole = column * 1e6
        column = np.rint(whole, out=whole).astype("i8")
    if column.dtype.kind in "iub":
        little = column.astype(column.dtype.newbyteorder("<"), copy=False)
        digest.update(np.ascontiguousarray(little).view("u1").data)
    else:
        digest.update(np.strings.str_len(column).astype("<i8").tobytes())
        digest.update("".join(column.tolist()).encode())


def input_hash(data: PlanInput) -> str:
    """Return the sha256 of a canonical input: everything the run may know, as_of included."""
    digest = hashlib.sha256(repr((data.as_of, data.horizon, astuple(data.params))).encode())
    for name in (*KEYED, "calendars", "windows", "transits"):
        table: Table = getattr(data, name)
        for column, value in table.columns().items():
            exact = value.view("<i8") if value.dtype.kind == "f" else value
            _feed(digest, f"{name}.{column}", exact)
    return digest.hexdigest()


def output_hash(data: PlanInput, result: PlanResult) -> str:
    """Return the sha256 of the whole answer; rows stand for the rank of their business key.

    Pegs follow from the requirements, their priorities and the supplies, in the order of their rows
    (`pegs`), so what they follow from is hashed instead of them: no peg changes without it, and it is half
    as long.
    """
    rank: dict[str, np.ndarray | None] = {}
    sorted_ = canonical(data)
    for name in KEYED:
        rows = sorted_.rows[name]
        rank[name] = None if rows is None else np.argsort(rows).astype("i4")
    digest = hashlib.sha256(repr((result.as_of, result.horizon)).encode())
    for name in ("nodes", "sources", "demands", "lines", "lots", "receipts", "calls"):
        _feed(digest, name, getattr(sorted_.input, name).key)

    def of(name: str, column: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
        """Put ranks for rows; only in the rows `among`, if given."""
        ranks = rank[name]
        if ranks is None or not len(ranks):
            return column
        rows = column >= 0 if among is None else (column >= 0) & among
        return np.where(rows, ranks[np.where(rows, column, 0)], column)

    o, c, r, x = result.orders, result.calls, result.requirements, result.exceptions
    lots, recs, hard = result.lots, result.receipts, result.hard
    for name, column in (
        ("o.node", of("nodes", o.node)), ("o.kind", o.kind), ("o.source", of("sources", o.source)),
        ("o.need", o.need), ("o.start", o.start), ("o.op", o.op), ("o.finish", o.finish), ("o.avail",
        o.avail),
        ("o.qty", o.qty), ("o.good", o.good), ("o.priority", o.priority), ("o.flags", o.flags),
        ("c.node", of("nodes", c.node)), ("c.source", of("sources", c.source)), ("c.end", c.end),
        ("c.qty", c.qty), ("c.ship", c.ship), ("c.start", c.start), ("c.avail", c.avail), ("c.kind", c.kind),
        ("r.due", r.due), ("r.qty", r.qty), ("r.kind", r.kind), ("r.line", of("lines", r.line)),
        ("r.priority", r.priority), ("r.ref", of("demands", r.ref, r.kind == ReqKind.DEMAND)),
        ("x.node", of("nodes", x.node)), ("x.kind", x.kind), ("x.about", x.about),
        ("x.minute", x.minute), ("x.qty", x.qty),
        ("x.ref", of("receipts", x.ref, x.about == Subject.RECEIPT)), ("x.minutes", x.minutes),
        ("lots.node", of("nodes", lots.node)), ("lots.row", of("lots", lots.row)), ("lots.qty", lots.qty),
        ("lots.used", lots.used), ("lots.until", lots.until),
        ("recs.node", of("nodes", recs.node)), ("recs.row", of("receipts", recs.row)),
        ("recs.time", recs.time), ("recs.wanted", recs.wanted), ("recs.qty", recs.qty),
        ("hard.demand", of("demands", hard.demand)), ("hard.lot", of("lots", hard.lot)),
        ("hard.qty", hard.qty),
    ):  # fmt: skip
        _feed(digest, name, column)
    return digest.hexdigest()
