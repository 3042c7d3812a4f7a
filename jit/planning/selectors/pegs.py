"""Who is served by what, both ways: the run's own pegs, out of its packed netting (pull.md 27, 29)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import entity
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text as T
from jit.algorithms.mrp.pegs import Book, book_cast, peg_book
from jit.algorithms.mrp.result import SupplyKind
from jit.planning.models import CallOffPeg, PlanRun, PlanRunNode
from jit.planning.selectors.netting import Netting, run_last
from jit.planning.selectors.rows import minute_of, moment_of
from jit.shopfloor.models import WorkOrder
from jit.supply.models import CallOff

KINDS = {
    PlanRunNode.CALL: "CALL",
    PlanRunNode.ORDER: "ORDER",
    PlanRunNode.RECEIPT: "RECEIPT",
    PlanRunNode.LOT: "STOCK",
}


@dataclass(frozen=True)
class Served:
    """So much of a supply for a cause: demand, work order, parent item or line."""

    label: str
    need_at: datetime
    quantity: float


@dataclass(frozen=True)
class Supplied:
    """So much of a need out of a supply.

    `kind`: STOCK, CALL, ORDER, RECEIPT, NONE (nothing covers it) or LATER (due after the horizon).
    """

    item: str
    need_at: datetime
    kind: str
    label: str
    available_at: datetime | None
    quantity: float


class Peg(NamedTuple):
    """Requirement row, supply row and quantity; supply -1 = nothing covers it, -2 = due after the horizon."""

    requirement: int
    supply: int
    quantity: float


NOTHING, AFTER = -1, -2


class NodePegs:
    """The pegs of one node by the core's own function, over the rows and the order the run itself had."""

    def __init__(self, node: PlanRunNode, run: PlanRun) -> None:
        """Read the pegs of a node as the last run, `run`, left it."""
        self.netting = Netting(node)
        self.pegs = [*self._hard(), *self._peg(minute_of(run.as_of), minute_of(run.horizon_end))]

    def _hard(self) -> Iterator[Peg]:
        """Hard reservations first: they are settled before anything is netted."""
        quantity = self.netting.need[: self.netting.hard].tolist()
        return (Peg(row, row, part) for row, part in enumerate(quantity))

    def _peg(self, as_of: int, horizon: int) -> Iterator[Peg]:
        n, hard = self.netting, self.netting.hard
        free = np.arange(len(n.at)) >= hard
        lots, receipts, orders, calls = (
            np.flatnonzero(free & (n.kind == kind))
            for kind in (PlanRunNode.LOT, PlanRunNode.RECEIPT, PlanRunNode.ORDER, PlanRunNode.CALL)
        )
        first, one = np.zeros(1, "i8"), np.ones(1, "i8")
        book = Book(
            as_of, horizon,
            one * hard, one * len(n.due), n.due, n.need, n.priority.astype("i2"),
            first, one * len(lots), np.arange(len(lots)), n.quantity[lots],
            first, one * len(receipts), np.arange(len(receipts)), n.at[receipts], n.wanted[receipts],
            n.quantity[receipts],
            first, one * len(orders), n.wanted[orders], n.at[orders], n.quantity[orders],
            first, one * len(calls), n.at[calls], n.quantity[calls],
        )  # fmt: skip
        rows = {
            int(SupplyKind.LOT): lots,
            int(SupplyKind.RECEIPT): receipts,
            int(SupplyKind.ORDER): orders,
            int(SupplyKind.CALL): calls,
        }
        none = {int(SupplyKind.NONE): NOTHING, int(SupplyKind.SUPPRESSED): AFTER}
        found = peg_book(book_cast(book), first)
        columns = zip(
            found.req.tolist(), found.supply.tolist(), found.ref.tolist(), found.qty.tolist(), strict=True
        )
        for need, kind, ref, quantity in columns:
            yield Peg(need, none[kind] if kind in none else int(rows[kind][ref]), quantity)

    def served(self, supplies: set[int]) -> list[Served]:
        """Return whom the given supply rows serve, in the order of the needs."""
        n = self.netting
        return [
            Served(n.labels[n.cause[need]], moment_of(n.due[need]), round(quantity, 6))
            for need, supply, quantity in self.pegs
            if supply in supplies
        ]

    def serves(self, label: str) -> list[Served]:
        """Return whom the supplies with a label serve."""
        n = self.netting
        return self.served({row for row, word in enumerate(n.label.tolist()) if n.labels[word] == label})

    def supplied(self, label: str, item: str) -> list[Supplied]:
        """Return out of what the needs with a label are covered, by need time."""
        n, found = self.netting, []
        for need, supply, quantity in self.pegs:
            if n.labels[n.cause[need]] != label:
                continue
            named = {NOTHING: "NONE", AFTER: "LATER"}.get(supply) or KINDS[int(n.kind[supply])]
            found.append(
                Supplied(
                    item,
                    moment_of(n.due[need]),
                    named,
                    n.labels[n.label[supply]] if supply >= 0 else "",
                    moment_of(n.at[supply]) if supply >= 0 else None,
                    round(quantity, 6),
                )
            )
        return found


def node_of(*, item_id: UUID, plant_id: UUID, area_id: UUID | None) -> PlanRunNode | None:
    """Return the netting of an item at a line side, or in the plant's store where the place is none."""
    rows = PlanRunNode.objects.filter(item_id=item_id, plant_id=plant_id)
    here = rows.filter(area_id=area_id).first() if area_id else None
    return here or rows.filter(area_id=None).first()


def calloff_serves(calloff: CallOff) -> list[Served]:
    """Return whom a call-off serves in the last run, by need time."""
    node = node_of(item_id=calloff.item_id, plant_id=calloff.area.plant_id, area_id=calloff.area_id)
    run = run_last()
    return [] if node is None or run is None else NodePegs(node, run).serves(calloff.number)


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
    run = run_last()
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
    run = run_last()
    places = {(part.item_id, part.area_id): part.item.code for part in _components(order)}
    for (item, area), code in places.items():
        node = node_of(item_id=item, plant_id=order.plant_id, area_id=area)
        if node is not None and run is not None:
            supplied += NodePegs(node, run).supplied(order.number, code)
    output = node_of(item_id=order.item_id, plant_id=order.plant_id, area_id=order.work_centre.output_id)
    return {
        "record": {"entity": "shopfloor.workorder", "id": str(order.pk), "number": order.number},
        "run": run.number if run else "",
        "quantity": float(order.quantity),
        "serves": [
            _served(peg) for peg in (NodePegs(output, run).serves(order.number) if output and run else ())
        ],
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
