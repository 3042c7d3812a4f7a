"""What a supplier may read here, all through the one query compiler and behind its own wall."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.core.entity import entity
from forms_engine.core.query import QuerySpec, query_iter, query_page
from forms_engine.kernel import clock
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text as T
from jit.portal import cards
from jit.portal.cards import Card

CALLOFF, SHIPMENT, LINE = "supply.calloff", "supply.shipment", "supply.shipmentline"
#: Ten cards keep the page under 30 KB; the rest is one tap away.
PAGE = 10
#: A proposal that was put on hold or dropped before its release was never this supplier's business.
RELEASED_ONCE = ["or", ["not_in", "state", ["DRAFT", "HOLD", "CANCELLED"]], ["not_empty", "released_at"]]
WITHDRAWN_UNSEEN = ["and", ["eq", "state", "CANCELLED"], ["empty", "acked_at"]]
SHIPMENT_FIELDS = (
    *("id", "number", "state", "delivery_note", "plate", "carrier", "dock_name", "departs_at", "arrives_at"),
    *("departed_at", "arrived_at", "received_at", "created_at"),
)
LINE_FIELDS = (
    *(
        "id",
        "shipment",
        "line_no",
        "calloff",
        "item_code",
        "item_name",
        "unit_code",
        "lot_code",
        "expires_at",
    ),
    *("quantity", "packages", "received_quantity"),
)
SHIPMENT_TONES = {
    "SUBMITTED": "risk",
    "LOADED": "risk",
    "DEPARTED": "ok",
    "ARRIVED": "ok",
    "RECEIVING": "ok",
    "RECEIVED": "ok",
    "DISCREPANT": "short",
    "CANCELLED": "frozen",
}
FILTERS = {
    "today": T("Today", "今天"),
    "open": T("To answer", "待回复"),
    "answered": T("Answered", "已回复"),
    "shipped": T("Shipped", "已发货"),
    "all": T("All", "全部"),
}


@dataclass(frozen=True)
class Delivery:
    """One shipment notice: its row, lines, and what the dock counted differently."""

    row: dict[str, Any]
    lines: list[dict[str, Any]]
    differences: list[dict[str, Any]]
    state_word: str

    @property
    def tone(self) -> str:
        return "short" if self.differences else SHIPMENT_TONES.get(self.row["state"], "idle")

    @property
    def may_leave(self) -> bool:
        return self.row["state"] in ("SUBMITTED", "LOADED")

    @property
    def may_print(self) -> bool:
        return self.row["state"] != "CANCELLED"

    @property
    def packages(self) -> int:
        return sum(line["packages"] for line in self.lines)


def word_of(entity_key: str, name: str, value: Any) -> str:
    """Return a choice in the reader's words."""
    found = entity(entity_key).fields[name]
    label = next((e["label"] for e in found.spec.options["choices"] if e["value"] == value), value)
    return str(label)


def day_bounds() -> tuple[datetime, datetime]:
    """Return the start and end of today on the plant's clock."""
    start = cards.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def _filter(name: str) -> list[Any]:
    start, end = day_bounds()
    open_ones = ["or", ["in", "state", list(cards.TO_ANSWER)], WITHDRAWN_UNSEEN]
    wanted: dict[str, list[Any]] = {
        "open": open_ones,
        "answered": ["in", "state", list(cards.ANSWERED)],
        "shipped": ["in", "state", list(cards.GONE)],
        "all": ["and"],
        # To answer, to ship by tonight, and what else belongs to this day.
        "today": [
            "or",
            open_ones,
            ["and", ["in", "state", [*cards.TO_SHIP, "PACKED"]], ["lt", "window_end", end]],
            # What was answered today stays in sight, whenever it is due.
            ["and", ["in", "state", list(cards.ANSWERED)], ["ge", "replied_at", start]],
            [
                "and",
                ["in", "state", ["DECLINED", "HOLD"]],
                ["ge", "window_end", start],
                ["lt", "window_end", end],
            ],
        ],
    }
    return ["and", RELEASED_ONCE, wanted[name]]


def card_made(row: dict[str, Any]) -> Card:
    """Return the card of a row."""
    return Card(row, word_of(CALLOFF, "state", row["state"]))


def calloffs_page(actor: Actor, name: str, after: str | None) -> tuple[list[Card], str | None]:
    """Return one page of call-offs in time order and the cursor of the next; `name` is a key of FILTERS."""
    spec = QuerySpec(
        filter=_filter(name),
        fields=cards.FIELDS,
        # What happened is read from its end, what will happen from its beginning.
        sort=("-window_end", "number") if name in ("shipped", "all") else ("window_end", "number"),
        after=after,
        size=PAGE,
    )
    page = query_page(actor, CALLOFF, spec)
    return [card_made(row) for row in page.rows], page.next if len(page.rows) == PAGE else None


def calloff_card(actor: Actor, pk: uuid.UUID) -> Card:
    """Return one call-off. Raises: NotFound for a foreign one, a proposal and none at all alike."""
    spec = QuerySpec(filter=["and", ["eq", "id", pk], RELEASED_ONCE], fields=cards.FIELDS, size=1)
    rows = query_page(actor, CALLOFF, spec).rows
    if not rows:
        raise NotFound(T("There is no such record.", "找不到该记录。"))
    return card_made(rows[0])


def calloffs_waiting(actor: Actor, ids: list[uuid.UUID]) -> list[Card]:
    """Return which of these call-offs still wait for an answer."""
    if not ids:
        return []
    wanted = ["and", ["in", "id", ids], ["in", "state", list(cards.TO_ANSWER)]]
    return [
        card_made(row)
        for row in query_page(
            actor,
            CALLOFF,
            QuerySpec(filter=wanted, fields=cards.FIELDS, sort=("window_end", "number"), size=100),
        )
    ]


def counts(actor: Actor) -> dict[str, int]:
    """Return how many call-offs are due today (`today`) and how many wait for an answer (`open`)."""
    start, end = day_bounds()
    due = [
        "and",
        ["ge", "window_end", start],
        ["lt", "window_end", end],
        ["not_in", "state", ["DRAFT", "CANCELLED"]],
        RELEASED_ONCE,
    ]
    asked = {"today": due, "open": _filter("open")}
    return {
        name: query_page(actor, CALLOFF, QuerySpec(filter=wanted, aggregates=("count",))).rows[0]["count"]
        for name, wanted in asked.items()
    }


# --- shipping ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dock:
    """A dock and the confirmed call-offs that still have something to ship there."""

    id: uuid.UUID
    name: str
    cards: list[Card]


def docks_to_ship(actor: Actor) -> list[Dock]:
    """Return confirmed call-offs with an open rest, dock by dock, the most urgent dock first."""
    spec = QuerySpec(
        filter=["in", "state", list(cards.TO_SHIP)],
        fields=cards.FIELDS,
        sort=("window_end", "number"),
        size=100,
    )
    docks: dict[uuid.UUID, Dock] = {}
    for row in query_page(actor, CALLOFF, spec):
        if rest_of(row) > 0:
            dock = docks.setdefault(row["dock"]["id"], Dock(row["dock"]["id"], row["dock_name"], []))
            dock.cards.append(card_made(row))
    return list(docks.values())


def rest_of(row: dict[str, Any]) -> Decimal:
    """Return what is promised and not yet packed."""
    firm = row["quantity"] if row["confirmed_quantity"] is None else row["confirmed_quantity"]
    return firm - row["packed_quantity"]


def shipments_page(actor: Actor, after: str | None) -> tuple[list[Delivery], str | None]:
    """Return the notices, newest first, with their lines and differences: three statements a page."""
    page = query_page(
        actor,
        SHIPMENT,
        QuerySpec(fields=SHIPMENT_FIELDS, sort=("-created_at",), after=after, size=PAGE, archived=False),
    )
    return _deliveries(actor, page.rows), page.next if len(page.rows) == PAGE else None


def shipment_delivery(actor: Actor, pk: uuid.UUID) -> Delivery:
    """Return one notice. Raises: NotFound for a foreign one and none at all alike."""
    spec = QuerySpec(filter=["eq", "id", pk], fields=SHIPMENT_FIELDS, size=1, archived=False)
    rows = query_page(actor, SHIPMENT, spec).rows
    if not rows:
        raise NotFound(T("There is no such record.", "找不到该记录。"))
    return _deliveries(actor, rows)[0]


def _deliveries(actor: Actor, rows: list[dict[str, Any]]) -> list[Delivery]:
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    lines = list(
        query_iter(
            actor,
            LINE,
            QuerySpec(filter=["in", "shipment", ids], fields=LINE_FIELDS, sort=("line_no",)),
        )
    )
    by_shipment: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for line in lines:
        by_shipment.setdefault(line["shipment"]["id"], []).append(line)
    differing = _differences(actor, ids, {line["id"]: line for line in lines})
    return [
        Delivery(
            row,
            by_shipment.get(row["id"], []),
            differing.get(row["id"], []),
            word_of(SHIPMENT, "state", row["state"]),
        )
        for row in rows
    ]


def _differences(
    actor: Actor, ids: list[uuid.UUID], lines: dict[uuid.UUID, dict[str, Any]]
) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Return what the dock counted otherwise than announced, by notice."""
    receipts = {
        row["id"]: row["shipment"]["id"]
        for row in query_iter(
            actor,
            "supply.receipt",
            QuerySpec(filter=["in", "shipment", ids], fields=("id", "shipment", "received_at")),
        )
    }
    if not receipts:
        return {}
    found: dict[uuid.UUID, list[dict[str, Any]]] = {}
    wanted = ["and", ["in", "receipt", list(receipts)], ["ne", "difference", "NONE"]]
    fields = ("id", "receipt", "shipment_line", "expected_quantity", "counted_quantity", "difference")
    for row in query_iter(actor, "supply.receiptline", QuerySpec(filter=wanted, fields=fields)):
        line = lines.get(row["shipment_line"]["id"]) if row["shipment_line"] else None
        found.setdefault(receipts[row["receipt"]["id"]], []).append(
            {
                **row,
                "line": line,
                "word": word_of("supply.receiptline", "difference", row["difference"]),
                "delta": row["counted_quantity"] - row["expected_quantity"],
            }
        )
    return found
