"""The packed netting of one item at one place as columns, and the stock line drawn from it."""

from __future__ import annotations

import numpy as np

from jit.planning.models import PlanRunNode


class Netting:
    """Columns of a `PlanRunNode`, requirements and supplies in the order the run pegs by.

    `due`, `need`, `priority`, `cause`: minute, quantity, priority, row of `labels`, shape (requirements,).
    `at`, `wanted`, `quantity`, `kind`, `label`: minute it is there, minute it is meant for, quantity, one of
    PlanRunNode's kinds, row of `labels`, shape (supplies,). The first `hard` of both belong together.
    """

    def __init__(self, node: PlanRunNode) -> None:
        self.opening, self.hard = node.opening, node.hard
        self.labels: list[str] = node.labels
        self.due = np.frombuffer(bytes(node.requirement_at), "<i8")
        self.need = np.frombuffer(bytes(node.requirement_quantity), "<f8")
        self.cause = np.frombuffer(bytes(node.requirement_source), "<i4")
        self.priority = np.frombuffer(bytes(node.requirement_priority), "<i2")
        if not len(self.priority):
            self.priority = np.zeros(len(self.due), "<i2")
        self.at = np.frombuffer(bytes(node.supply_at), "<i8")
        self.quantity = np.frombuffer(bytes(node.supply_quantity), "<f8")
        wanted = np.frombuffer(bytes(node.supply_wanted), "<i8")
        self.wanted = wanted if len(wanted) else self.at
        whence = np.frombuffer(bytes(node.supply_source), "<i4")
        self.kind, self.label = whence % PlanRunNode.KINDS, whence // PlanRunNode.KINDS

    def stock_before(self, minutes: list[int]) -> list[float]:
        """Return the stock just before the arrivals of each minute: G1's 77.6, 155.1, …"""
        comes = self.kind != PlanRunNode.LOT
        at, quantity = self.at[comes], self.quantity[comes]
        return [
            float(self.opening + quantity[at < minute].sum() - self.need[self.due < minute].sum())
            for minute in minutes
        ]
