"""Whom an exception hurts in the end: demands and work orders, found by walking the pegs up."""

from __future__ import annotations

import numpy as np

from jit.algorithms.mrp.pegs import PegReader
from jit.algorithms.mrp.result import PlanResult, ReqKind, Subject, SupplyKind
from jit.planning.selectors.snapshot import Snapshot

#: A planner reads a few names; a plant on its head must not make the run slow.
MOST_EXCEPTIONS, MOST_LABELS, MOST_STEPS = 300, 8, 500
SUPPLY = {
    Subject.ORDER: SupplyKind.ORDER,
    Subject.RECEIPT: SupplyKind.RECEIPT,
    Subject.CALL: SupplyKind.CALL,
}


class Hurting:
    """Answers for the exceptions of one result, the first MOST_EXCEPTIONS that are asked."""

    def __init__(self, snapshot: Snapshot, result: PlanResult) -> None:
        self.snapshot, self.result, self.reader, self.asked = snapshot, result, PegReader(result), 0

    def of(self, row: int) -> list[str]:
        """Return the labels of demands and work orders that an exception hurts, soonest need first."""
        if self.asked >= MOST_EXCEPTIONS:
            return []
        self.asked += 1
        e = self.result.exceptions
        node, about, ref = int(e.node[row]), int(e.about[row]), int(e.ref[row])
        kind = SUPPLY.get(Subject(about)) if ref >= 0 else None
        if kind is None:
            return self._climb(self._short(node))
        return self._climb([req for req, _ in self.reader.requirements_of(node, kind, ref)])

    def _short(self, node: int) -> list[int]:
        """Return the requirements of a node that nothing covers, or only too late."""
        pegs, due = self.reader.node(node), self.result.requirements.due
        need = np.maximum(due[pegs.req], self.result.as_of)
        hit = (pegs.supply == SupplyKind.NONE) | ((pegs.supply < SupplyKind.NONE) & (pegs.avail > need))
        return [int(req) for req in pegs.req[hit]]

    def _climb(self, todo: list[int]) -> list[str]:
        r, o, is_demand = self.result.requirements, self.result.orders, int(ReqKind.DEMAND)
        found: dict[str, int] = {}
        seen: set[int] = set()
        todo = todo[::-1]
        for _ in range(MOST_STEPS):
            if not todo or len(found) >= MOST_LABELS:
                break
            req = todo.pop()
            ref = int(r.ref[req])
            if r.kind[req] == is_demand:
                label = self.snapshot.demands[ref].split("|")[0]
                found[label] = min(found.get(label, 1 << 62), int(r.due[req]))
            elif ref not in seen:
                seen.add(ref)
                above = self.reader.requirements_of(int(o.node[ref]), SupplyKind.ORDER, ref)
                todo += [parent for parent, _ in reversed(above)]
        return sorted(found, key=lambda label: (found[label], label))
