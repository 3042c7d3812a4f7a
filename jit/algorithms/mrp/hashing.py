"""Same input, same answer, provably: hashes over business keys, quantities, times and pegs (rule 25)."""

from __future__ import annotations

import hashlib
from dataclasses import astuple

import numpy as np

from jit.algorithms.mrp.canonical import KEYED, canonical
from jit.algorithms.mrp.model import PlanInput
from jit.algorithms.mrp.pegs import all_pegs
from jit.algorithms.mrp.result import PlanResult, ReqKind, Subject, SupplyKind
from jit.algorithms.mrp.table import Table


def _feed(digest: hashlib._Hash, name: str, column: np.ndarray) -> None:
    """Add one column: floats as whole micro-units, texts with their lengths."""
    digest.update(f"{name}:{len(column)}:{column.dtype.kind}{column.dtype.itemsize};".encode())
    if column.dtype.kind == "f":
        column = np.rint(column * 1e6).astype("i8")
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
    """Return the sha256 of the whole answer, pegs included; rows stand for the rank of their business key."""
    rank: dict[str, np.ndarray] = {}
    sorted_ = canonical(data)
    for name in KEYED:
        rows = sorted_.rows[name]
        size = len(getattr(data, name))
        rank[name] = (np.arange(size) if rows is None else np.argsort(rows)).astype("i4")
    digest = hashlib.sha256()
    for name in ("nodes", "sources", "demands", "lines", "lots", "receipts", "calls"):
        _feed(digest, name, getattr(sorted_.input, name).key)

    def of(name: str, column: np.ndarray) -> np.ndarray:
        return np.where(column >= 0, rank[name][column], np.int32(-1)) if len(rank[name]) else column

    o, c, r, x = result.orders, result.calls, result.requirements, result.exceptions
    for name, column in (
        ("o.node", of("nodes", o.node)), ("o.kind", o.kind), ("o.source", of("sources", o.source)),
        ("o.need", o.need), ("o.start", o.start), ("o.op", o.op), ("o.finish", o.finish), ("o.avail",
        o.avail),
        ("o.qty", o.qty), ("o.good", o.good), ("o.flags", o.flags),
        ("c.node", of("nodes", c.node)), ("c.source", of("sources", c.source)), ("c.end", c.end),
        ("c.qty", c.qty), ("c.ship", c.ship), ("c.start", c.start), ("c.avail", c.avail), ("c.kind", c.kind),
        ("r.due", r.due), ("r.qty", r.qty), ("r.kind", r.kind), ("r.line", of("lines", r.line)),
        ("r.ref", np.where(r.kind == ReqKind.DEMAND, of("demands", _only(r.ref, r.kind, ReqKind.DEMAND)),
        r.ref)),
        ("x.node", of("nodes", x.node)), ("x.kind", x.kind), ("x.minute", x.minute), ("x.qty", x.qty),
        ("x.ref", np.where(x.about == Subject.RECEIPT, of("receipts", _only(x.ref, x.about,
        Subject.RECEIPT)), x.ref)),
        ("x.minutes", x.minutes),
    ):  # fmt: skip
        _feed(digest, name, column)
    pegs = all_pegs(result, np.argsort(rank["nodes"]))
    ref = pegs.ref
    for kind, table in ((SupplyKind.LOT, "lots"), (SupplyKind.RECEIPT, "receipts")):
        ref = np.where(pegs.supply == kind, of(table, _only(ref, pegs.supply, kind)), ref)
    for name, column in (
        ("p.req", pegs.req), ("p.supply", pegs.supply), ("p.ref", ref), ("p.qty", pegs.qty), ("p.avail",
        pegs.avail)
    ):  # fmt: skip
        _feed(digest, name, column)
    return digest.hexdigest()


def _only(column: np.ndarray, kinds: np.ndarray, kind: int) -> np.ndarray:
    return np.where(kinds == kind, column, -1)
