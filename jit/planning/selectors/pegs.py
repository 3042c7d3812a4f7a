"""Who is served by what, both ways, out of the packed netting of the last run (pull.md 29)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import entity
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text as T
from jit.algorithms.mrp.pegs import Book, peg_book
from jit.algorithms.mrp.result import Pegs, SupplyKind
from jit.planning.models import CallOffPeg, PlanRun, PlanRunNode
from jit.planning.selectors.rows import minute_of, moment_of
from jit.shopfloor.models import WorkOrder
from jit.supply.models import CallOff

KINDS = {PlanRunNode.CALL: "CALL", PlanRunNode.ORDER: "ORDER", PlanRunNode.RECEIPT: "RECEIPT"}


@dataclass(frozen=True)
class Served:
    """So much of a supply for a cause: demand, work order, parent item or line."""

    label: str
    need_at: datetime
    quantity: float


@dataclass(frozen=True)
class Supplied:
    """So much of a need out of a supply; kind STOCK, CALL, ORDER, RECEIPT or NONE (nothing covers it)."""

    item: str
    need_at: datetime
    kind: str
    label: str
    available_at: datetime | None
    quantity: float


class NodePegs:
    """The pegs of one node by the core's own function. Supplies are its stock, calls, orders, receipts."""

    def __init__(self, node: PlanRunNode) -> None:
        self.labels: list[str] = node.labels
        self.due = np.frombuffer(bytes(node.requirement_at), "<i8")
        self.need = np.frombuffer(bytes(node.requirement_quantity), "<f8")
        self.cause = np.frombuffer(bytes(node.requirement_source), "<i4")
        self.at = np.frombuffer(bytes(node.supply_at), "<i8")
        self.quantity = np.frombuffer(bytes(node.supply_quantity), "<f8")
        whence = np.frombuffer(bytes(node.supply_source), "<i4")
        self.kind, self.label = whence % PlanRunNode.KINDS, whence // PlanRunNode.KINDS
        self.pegs = self._peg(node)

    def _peg(self, node: PlanRunNode) -> Pegs:
        given = [np.flatnonzero(self.kind == kind) for kind in (PlanRunNode.RECEIPT, PlanRunNode.ORDER)]
        receipts, orders = given
        calls = np.flatnonzero(self.kind == PlanRunNode.CALL)
        self.rows = {SupplyKind.RECEIPT: receipts, SupplyKind.ORDER: orders, SupplyKind.CALL: calls}
        first, one = np.zeros(1, "i8"), np.ones(1, "i8")
        book = Book(
            minute_of(node.run.as_of), minute_of(node.run.horizon_end),
            first, one * len(self.due), self.due, self.need, np.zeros(len(self.due), "i8"),
            first, one, first, np.array([node.opening]),
            first, one * len(receipts), np.arange(len(receipts)), self.at[receipts], self.at[receipts],
            self.quantity[receipts],
            first, one * len(orders), self.at[orders], self.at[orders], self.quantity[orders],
            first, one * len(calls), self.at[calls], self.quantity[calls],
        )  # fmt: skip
        return peg_book(book, first)

    def _supply(self, kind: int, ref: int) -> int:
        """Return the row of a peg's supply; -1 = stock or nothing."""
        rows = self.rows.get(SupplyKind(kind))
        return -1 if rows is None else int(rows[ref])

    def serves(self, label: str) -> list[Served]:
        """Return whom the supplies with a label serve, by need time."""
        found = []
        for row, kind, ref, quantity in self._each():
            supply = self._supply(kind, ref)
            if supply >= 0 and self.labels[self.label[supply]] == label:
                cause = self.labels[self.cause[row]]
                found.append(Served(cause, moment_of(self.due[row]), round(quantity, 6)))
        return found

    def supplied(self, label: str, item: str) -> list[Supplied]:
        """Return out of what the needs with a label are covered, by need time."""
        found = []
        for row, kind, ref, quantity in self._each():
            if self.labels[self.cause[row]] != label:
                continue
            supply = self._supply(kind, ref)
            named = "STOCK" if kind == SupplyKind.LOT else "NONE"
            found.append(
                Supplied(
                    item,
                    moment_of(self.due[row]),
                    KINDS[int(self.kind[supply])] if supply >= 0 else named,
                    self.labels[self.label[supply]] if supply >= 0 else "",
                    moment_of(self.at[supply]) if supply >= 0 else None,
                    round(quantity, 6),
                )
            )
        return found

    def _each(self) -> Iterable[tuple[int, int, int, float]]:
        p = self.pegs
        return zip(p.req.tolist(), p.supply.tolist(), p.ref.tolist(), p.qty.tolist(), strict=True)


def node_of(*, item_id: UUID, area_id: UUID | None) -> PlanRunNode | None:
    """Return the netting of an item at a line side, or in the store where the place is none."""
    rows = PlanRunNode.objects.select_related("run").filter(item_id=item_id)
    here = rows.filter(area_id=area_id).first() if area_id else None
    return here or rows.filter(area_id=None).first()


def calloff_serves(calloff: CallOff) -> list[Served]:
    """Return whom a call-off serves in the last run, by need time."""
    node = node_of(item_id=calloff.item_id, area_id=calloff.area_id)
    return [] if node is None else NodePegs(node).serves(calloff.number)


def pegs_of(actor: Actor, record_id: UUID) -> dict[str, Any]:
    """Return the pegs of a call-off or a work order as JSON values.

    Raises: NotFound for every other record, for one the actor may not see, and for suppliers: whom a part
    is for is the plant's own business.
    """
    if actor.supplier_id is None:
        calloff = (
            CallOff.objects.filter(policy.visible(actor, entity("supply.calloff")).q()).filter(pk=record_id)
        ).first()
        if calloff is not None:
            return _calloff(calloff)
        order = (
            WorkOrder.objects.filter(policy.visible(actor, entity("shopfloor.workorder")).q())
            .select_related("item", "work_centre")
            .filter(pk=record_id)
            .first()
        )
        if order is not None:
            return _work_order(order)
    raise NotFound(T("There is no such call-off or work order.", "没有该叫料单或工单。"))


def _run() -> str:
    run = PlanRun.objects.filter(state=PlanRun.State.DONE).order_by("-finished_at").first()
    return run.number if run else ""


def _calloff(calloff: CallOff) -> dict[str, Any]:
    stored = CallOffPeg.objects.filter(calloff=calloff).order_by("need_at", "pk")
    return {
        "record": {"entity": "supply.calloff", "id": str(calloff.pk), "number": calloff.number},
        "run": _run(),
        "quantity": float(calloff.quantity),
        "serves": [_served(peg) for peg in calloff_serves(calloff)],
        "when_released": [
            {"label": peg.demand, "need_at": peg.need_at.isoformat(), "quantity": float(peg.quantity)}
            for peg in stored
        ],
    }


def _work_order(order: WorkOrder) -> dict[str, Any]:
    supplied: list[Supplied] = []
    places = {(part.item_id, part.area_id): part.item.code for part in _components(order)}
    for (item, area), code in places.items():
        node = node_of(item_id=item, area_id=area)
        if node is not None:
            supplied += NodePegs(node).supplied(order.number, code)
    output = node_of(item_id=order.item_id, area_id=order.work_centre.output_id)
    return {
        "record": {"entity": "shopfloor.workorder", "id": str(order.pk), "number": order.number},
        "run": _run(),
        "quantity": float(order.quantity),
        "serves": [_served(peg) for peg in (NodePegs(output).serves(order.number) if output else ())],
        "supplied_by": [
            {
                "item": peg.item,
                "need_at": peg.need_at.isoformat(),
                "kind": peg.kind,
                "label": peg.label,
                "available_at": peg.available_at.isoformat() if peg.available_at else None,
                "quantity": peg.quantity,
            }
            for peg in supplied
        ],
    }


def _components(order: WorkOrder) -> Any:
    return order.components.select_related("item").order_by("line_no")


def _served(peg: Served) -> dict[str, Any]:
    return {"label": peg.label, "need_at": peg.need_at.isoformat(), "quantity": peg.quantity}
