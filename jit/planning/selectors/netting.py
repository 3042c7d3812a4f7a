"""The packed netting of one item at one place as columns, and the stock line drawn from it."""

from __future__ import annotations

from jit.algorithms.packed_rows import rows_read
from jit.planning.models import PlanRun, PlanRunNode

END = "\x1f"


class Netting:
    """Columns of a `PlanRunNode`, requirements and supplies in the order the run pegs by.

    `due`, `need`, `priority`, `cause`: minute, quantity, priority, row of `labels`, shape (requirements,).
    `at`, `wanted`, `quantity`, `kind`, `label`: minute it is there, minute it is meant for, quantity, one of
    PlanRunNode's kinds, row of `labels`, shape (supplies,). The first `hard` of both belong together.
    """

    def __init__(self, node: PlanRunNode) -> None:
        self.opening, self.hard = node.opening, node.hard
        self.labels: list[str] = node.labels.split(END)[:-1]
        needs, comes = rows_read(bytes(node.requirements)), rows_read(bytes(node.supplies))
        self.due, self.need, self.cause, self.priority = needs.at, needs.quantity, needs.source, needs.extra
        self.at, self.wanted, self.quantity = comes.at, comes.at + comes.extra, comes.quantity
        self.kind, self.label = comes.source % PlanRunNode.KINDS, comes.source // PlanRunNode.KINDS

    def stock_before(self, minutes: list[int]) -> list[float]:
        """Return the stock just before the arrivals of each minute: G1's 77.6, 155.1, …"""
        comes = self.kind != PlanRunNode.LOT
        at, quantity = self.at[comes], self.quantity[comes]
        return [
            float(self.opening + quantity[at < minute].sum() - self.need[self.due < minute].sum())
            for minute in minutes
        ]


def run_last() -> PlanRun | None:
    """Return the last finished run: every netting is as it left it."""
    return PlanRun.objects.filter(state=PlanRun.State.DONE).order_by("-finished_at").first()
