"""The packed netting of one item at one place as columns, and the stock line drawn from it."""

from __future__ import annotations

import numpy as np

from jit.algorithms.nettings import REQUIREMENT, SUPPLY
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
        needs = np.frombuffer(bytes(node.requirements), REQUIREMENT)
        self.due, self.need = needs["at"].astype("i8"), needs["quantity"].astype("f8")
        self.cause, self.priority = needs["source"].astype("i4"), needs["priority"].astype("i2")
        comes = np.frombuffer(bytes(node.supplies), SUPPLY)
        self.at, self.wanted = comes["at"].astype("i8"), comes["wanted"].astype("i8")
        self.quantity = comes["quantity"].astype("f8")
        self.kind, self.label = comes["source"] % PlanRunNode.KINDS, comes["source"] // PlanRunNode.KINDS

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
