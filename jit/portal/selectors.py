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
#: What is packed together stands on one page; the rest is one tap away.
PACK_PAGE = 40
PACK_FIELDS = (*cards.FIELDS, "ship_at")
#: A proposal that was put on hold or dropped before its release was never this supplier's business.
RELEASED_ONCE = ["or", ["not_in", "state", ["DRAFT", "HOLD", "CANCELLED"]], ["not_empty", "released_at"]]
WITHDRAWN_UNSEEN = ["and", ["eq", "state", "CANCELLED"], ["empty", "acked_at"]]
SHIPMENT_FIELDS = (
    *("id", "number", "state", "delivery_note", "plate", "driver_phone", "carrier", "dock_name"),
    *("departs_at", "arrives_at"),
    *("departed_at", "reported_late", "arrived_at", "received_at", "created_at"),
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
#: So long an answer that ends a matter stays on the page of the day.
NEWS = timedelta(hours=1)
FILTERS = {
    "today": T("Today", "今天"),
    "open": T("To answer", "待回复"),
    "answered": T("Answered", "已回复"),
    "shipped": T("Shipped", "已发货"),
    "all": T("All", "全部"),
}


@dataclass(frozen=True)
class Delivery:
    """One shipment notice: its row, lines, and what the dock counted differently.

    `is_shared`: it carries more than the visitor's link is for, so he may look at his lines and do nothing.
    """

    row: dict[str, Any]
    lines: list[dict[str, Any]]
    differences: list[dict[str, Any]]
    state_word: str
    is_shared: bool = False

    @property
    def tone(self) -> str:
        return "short" if self.differences else SHIPMENT_TONES.get(self.row["state"], "idle")

    @property
    def may_leave(self) -> bool:
        return self.row["state"] in ("SUBMITTED", "LOADED") and not self.is_shared

    @property
    def may_print(self) -> bool:
        return self.row["state"] != "CANCELLED" and not self.is_shared

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
    now = clock.now()
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
            ["and", ["in", "state", [*cards.TO_SHIP, "PACKED"]], ["lt", "window_start", end]],
            # What was answered today stays in sight, whenever it is due.
            ["and", ["in", "state", list(cards.TO_SHIP)], ["ge", "replied_at", start]],
            # A refusal stands in nobody's way once its window is over and it is no news any more.
            [
                "and",
                ["eq", "state", "DECLINED"],
                [
                    "or",
                    ["and", ["ge", "window_end", now], ["lt", "window_end", end]],
                    ["ge", "replied_at", now - NEWS],
                ],
            ],
            ["and", ["eq", "state", "HOLD"], ["ge", "window_end", start], ["lt", "window_end", end]],
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
    """Return how many call-offs have a window today (`today`) and how many wait for an answer (`open`)."""
    start, end = day_bounds()
    due = [
        "and",
        ["ge", "window_end", start],
        ["lt", "window_start", end],
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
    """A dock with confirmed call-offs that still have something to ship there."""

    id: uuid.UUID
    name: str
    count: int


def docks_to_ship(actor: Actor) -> list[Dock]:
    """Return the docks with confirmed call-offs, the most urgent first."""
    spec = QuerySpec(
        filter=["in", "state", list(cards.TO_SHIP)],
        group=("dock", "dock_name"),
        aggregates=("count", "min:window_end"),
    )
    rows = sorted(query_page(actor, CALLOFF, spec).rows, key=lambda row: row["min:window_end"])
    found: dict[uuid.UUID, Dock] = {}
    for row in rows:  # a dock that was renamed meanwhile comes in two rows
        key = row["dock"]["id"] if isinstance(row["dock"], dict) else row["dock"]
        known = found.get(key)
        name, count = (known.name, known.count) if known else (row["dock_name"], 0)
        found[key] = Dock(key, name, count + row["count"])
    return list(found.values())


def cards_to_ship(actor: Actor, dock: uuid.UUID, after: str | None) -> tuple[list[Card], str | None]:
    """Return one page of what may be packed for a dock, in time order, and the cursor of the next."""
    wanted = ["and", ["eq", "dock", dock], ["in", "state", list(cards.TO_SHIP)]]
    spec = QuerySpec(
        filter=wanted, fields=PACK_FIELDS, sort=("window_end", "number"), after=after, size=PACK_PAGE
    )
    page = query_page(actor, CALLOFF, spec)
    found = [card_made(row) for row in page.rows if rest_of(row) > 0]
    return found, page.next if len(page.rows) == PACK_PAGE else None


def cards_again(actor: Actor, ids: list[uuid.UUID]) -> list[Card]:
    """Return call-offs a page has shown before, in its order; what is not to be seen any more is left out."""
    if not ids:
        return []
    spec = QuerySpec(filter=["in", "id", ids], fields=PACK_FIELDS, sort=("window_end", "number"))
    return [card_made(row) for row in query_iter(actor, CALLOFF, spec)]


def last_carrier(actor: Actor) -> str:
    """Return who carried the newest notice: whoever it was will most likely come again."""
    spec = QuerySpec(fields=("id", "carrier"), sort=("-created_at",), size=1, archived=False)
    rows = query_page(actor, SHIPMENT, spec).rows
    return rows[0]["carrier"] if rows else ""


def rest_of(row: dict[str, Any]) -> Decimal:
    """Return what is promised and not yet packed."""
    firm = row["quantity"] if row["confirmed_quantity"] is None else row["confirmed_quantity"]
    return firm - row["packed_quantity"]


def only_call(actor: Actor) -> uuid.UUID | None:
    """Return the call-off a signed link was made for; None = everything of the supplier."""
    return actor.record[1] if actor.record is not None and actor.record[0] == CALLOFF else None


def _shipment_filter(actor: Actor, wanted: list[Any]) -> list[Any]:
    """Narrow notices to those that carry the link's call-off."""
    only = only_call(actor)
    if only is None:
        return wanted
    spec = QuerySpec(filter=["eq", "calloff", only], fields=("id", "shipment"))
    mine = [row["shipment"]["id"] for row in query_iter(actor, LINE, spec)]
    return ["and", wanted, ["in", "id", mine or [uuid.UUID(int=0)]]]


def shipments_page(actor: Actor, after: str | None) -> tuple[list[Delivery], str | None]:
    """Return the notices, newest first, with their lines and differences: three statements a page."""
    page = query_page(
        actor,
        SHIPMENT,
        QuerySpec(
            filter=_shipment_filter(actor, ["and"]),
            fields=SHIPMENT_FIELDS,
            sort=("-created_at",),
            after=after,
            size=PAGE,
            archived=False,
        ),
    )
    return _deliveries(actor, page.rows), page.next if len(page.rows) == PAGE else None


def shipment_delivery(actor: Actor, pk: uuid.UUID) -> Delivery:
    """Return one notice. Raises: NotFound for a foreign one and none at all alike."""
    wanted = _shipment_filter(actor, ["eq", "id", pk])
    spec = QuerySpec(filter=wanted, fields=SHIPMENT_FIELDS, size=1, archived=False)
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
    only = only_call(actor)
    shared: set[uuid.UUID] = set()
    if only is not None:  # of a notice for several call-offs the holder of a link for one sees his line
        strange = [line for line in lines if line["calloff"] is None or line["calloff"]["id"] != only]
        shared = {line["shipment"]["id"] for line in strange}
        lines = [line for line in lines if line not in strange]
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
            is_shared=row["id"] in shared,
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
    differs = ["or", ["ne", "difference", "NONE"], ["gt", "blocked_quantity", 0]]
    wanted = ["and", ["in", "receipt", list(receipts)], differs]
    fields = ("id", "receipt", "shipment_line", "expected_quantity", "counted_quantity", "difference")
    fields += ("blocked_quantity", "blocked_reason")
    for row in query_iter(actor, "supply.receiptline", QuerySpec(filter=wanted, fields=fields)):
        line = lines.get(row["shipment_line"]["id"]) if row["shipment_line"] else None
        if line is None and only_call(actor) is not None:
            continue
        found.setdefault(receipts[row["receipt"]["id"]], []).append(
            {
                **row,
                "line": line,
                "word": word_of("supply.receiptline", "difference", row["difference"]),
                "why": word_of("supply.receiptline", "blocked_reason", row["blocked_reason"]),
                "delta": row["counted_quantity"] - row["expected_quantity"],
            }
        )
    return found
