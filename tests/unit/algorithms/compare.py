"""Fast run against reference: every order, call, requirement, exception, lot and peg, as sorted rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np

from jit.algorithms.mrp.model import PlanInput
from jit.algorithms.mrp.pegs import all_pegs
from jit.algorithms.mrp.reference.rows import TINY, Order
from jit.algorithms.mrp.reference.run import Reference
from jit.algorithms.mrp.result import OrderKind, PlanResult, ReqKind, SupplyKind

CLOSE = 2e-4


def _key(row: tuple) -> tuple:
    return tuple(round(float(v), 3) if isinstance(v, float | Fraction) else v for v in row)


def same(name: str, fast: list[tuple], slow: list[tuple]) -> str:
    """Return '' if both hold the same rows (numbers within CLOSE), else what differs first."""
    left, right = sorted(map(_key, fast), key=repr), sorted(map(_key, slow), key=repr)
    if left == right:
        return ""
    rest = Counter(right)
    rest.subtract(Counter(left))
    missing = [row for row, n in rest.items() if n > 0]
    extra = [row for row, n in rest.items() if n < 0]
    for row in list(extra):
        twin = next((m for m in missing if _near(row, m)), None)
        if twin is not None:
            missing.remove(twin)
            extra.remove(row)
    if not missing and not extra:
        return ""
    return f"{name}: fast has {sorted(extra, key=repr)[:4]}, reference has {sorted(missing, key=repr)[:4]}"


def _near(a: tuple, b: tuple) -> bool:
    return len(a) == len(b) and all(
        abs(x - y) <= 2e-3 if isinstance(x, float) and isinstance(y, float) else x == y
        for x, y in zip(a, b, strict=True)
    )


def fast_rows(result: PlanResult) -> dict[str, list[tuple]]:
    """Return the fast answer as comparable rows."""
    o, c, r, x = result.orders, result.calls, result.requirements, result.exceptions
    orders = [
        (int(o.node[i]), int(o.kind[i]), int(o.source[i]),
         *(int(col[i]) for col in (o.need, o.start, o.op, o.finish, o.avail)),
         float(o.qty[i]), int(o.priority[i]), int(o.flags[i]))
        for i in range(len(o.node)) if o.kind[i] != OrderKind.WORK
    ]  # fmt: skip
    calls = [
        (int(c.node[i]), int(c.source[i]), int(c.end[i]), float(c.qty[i]), int(c.ship[i]), int(c.start[i]),
         int(c.avail[i]), int(c.old[i]), bool(c.kept[i]))
        for i in range(len(c.node))
    ]  # fmt: skip
    needs = []
    for v in range(len(result.level)):
        for i in range(int(r.first[v]), int(r.end[v])):
            needs.append(
                (v, int(r.due[i]), float(r.qty[i]), int(r.priority[i]), int(r.kind[i]), int(r.line[i]))
            )
    troubles = [
        (int(x.node[i]), int(x.kind[i]), int(x.minute[i]), float(x.qty[i]), int(x.minutes[i]))
        for i in range(len(x.node))
    ]
    pegs = all_pegs(result)
    grouped: dict[tuple, float] = defaultdict(float)
    node_of = np.zeros(len(r.due), np.int64)
    for v in range(len(result.level)):
        node_of[r.first[v] : r.end[v]] = v
    for req, kind, ref, qty, avail in zip(pegs.req, pegs.supply, pegs.ref, pegs.qty, pegs.avail, strict=True):
        grouped[
            (int(node_of[req]), max(int(r.due[req]), result.as_of), int(r.due[req]), int(r.priority[req]),
             int(kind), int(ref) if kind in (SupplyKind.LOT, SupplyKind.RECEIPT) else -1,
             int(avail) if kind < SupplyKind.NONE else 0)
        ] += float(qty)  # fmt: skip
    return {
        "orders": orders, "calls": calls, "needs": needs, "troubles": troubles,
        "pegs": [(*k, q) for k, q in grouped.items()],
        "hard": [
            (int(d), int(k), float(q))
            for d, k, q in zip(result.hard.demand, result.hard.lot, result.hard.qty, strict=True)
        ],
    }  # fmt: skip


def slow_rows(ref: Reference) -> dict[str, list[tuple]]:
    """Return the reference's answer in the same rows; pegs are worked out here, first in, first out."""
    world = ref.world
    orders = [
        (
            o.node,
            int(o.kind),
            o.source,
            o.need,
            o.start,
            o.op,
            o.finish,
            o.avail,
            o.qty,
            o.priority,
            int(o.flags),
        )
        for o in world.orders
    ]
    calls = [
        (c.node, c.source, c.end, c.qty, c.ship, c.start, c.avail, c.old, c.kept) for c in world.made_calls
    ]
    kinds = {"demand": ReqKind.DEMAND, "order": ReqKind.ORDER, "transfer": ReqKind.TRANSFER}
    needs = [
        (v, n.due, n.qty, n.priority, int(kinds[n.origin[0]]), n.origin[2] if n.origin[0] == "order" else -1)
        for v, many in world.needs.items() if v not in ref.in_cycle for n in many
    ]  # fmt: skip
    grouped: dict[tuple, Fraction] = defaultdict(Fraction)
    for v, many in world.needs.items():
        if v in ref.in_cycle:
            continue
        offers = [[world.as_of, 0, lot.used, world.as_of, SupplyKind.LOT, lot.row]
                  for lot in sorted(world.lots.get(v, []), key=lambda x: (x.until, x.row))]  # fmt: skip
        for s in ref.supplies[v]:
            if s.kind == "receipt":
                offers.append([s.meant, 1, s.qty, s.ref.time, SupplyKind.RECEIPT, s.ref.row])
            elif isinstance(s.ref, Order):
                offers.append([s.meant, 2, s.qty, s.avail, SupplyKind.ORDER, -1])
            else:
                offers.append([s.meant, 2, s.qty, s.avail, SupplyKind.CALL, -1])
        offers = sorted(offers, key=lambda s: (s[0], s[1]))[::-1]  # the next one at the end
        for n in sorted(many, key=lambda n: (max(n.due, world.as_of), n.priority, n.due)):
            head = (v, max(n.due, world.as_of), n.due, n.priority)
            if n.due >= world.horizon:
                grouped[(*head, int(SupplyKind.SUPPRESSED), -1, 0)] += n.qty
                continue
            rest = n.qty
            while offers and offers[-1][2] <= TINY:  # spent ones would be looked at again for every need
                offers.pop()
            for s in reversed(offers):
                if rest <= TINY:
                    break
                take = min(rest, s[2])
                if take > TINY:
                    s[2] -= take
                    rest -= take
                    grouped[(*head, int(s[4]), s[5], s[3])] += take
            if rest > TINY:
                grouped[(*head, int(SupplyKind.NONE), -1, 0)] += rest
    return {
        "orders": orders, "calls": calls, "needs": needs, "troubles": world.troubles,
        "pegs": [(*k, q) for k, q in grouped.items()], "hard": world.hard,
    }  # fmt: skip


def difference(data: PlanInput, result: PlanResult, ref: Reference) -> str:
    """Return '' when the fast run and the reference agree in everything, else the first difference."""
    fast, slow = fast_rows(result), slow_rows(ref)
    for name in ("needs", "orders", "calls", "troubles", "hard", "pegs"):
        found = same(name, fast[name], slow[name])
        if found:
            return found
    return ""
