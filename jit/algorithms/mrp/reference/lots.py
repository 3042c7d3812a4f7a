"""Reference netting: find the first shortage, cover it, look again."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from itertools import accumulate
from typing import Any

from jit.algorithms.mrp.model import LotRule, Mode
from jit.algorithms.mrp.reference.rows import (
    NEAR,
    TINY,
    ZERO,
    Order,
    Supply,
    World,
    departs,
    first_arrival,
    prepares,
    rating_choice,
    shaped,
)
from jit.algorithms.mrp.result import OrderFlag, OrderKind, Trouble

Drain = tuple[int, Fraction, int]


def drains_of(world: World, node: int) -> list[Drain]:
    """Return (minute, quantity, priority) of what leaves the stock before the horizon, waste included.

    Lots are used one requirement after the other, the earliest expiry first; `lot.used` is set on the way.
    """
    needs = [n for n in world.needs.get(node, []) if max(n.due, world.as_of) < world.horizon]
    needs.sort(key=lambda n: max(n.due, world.as_of))
    lots = sorted(world.lots.get(node, []), key=lambda lot: (lot.until, lot.row))
    for lot in lots:
        lot.used = ZERO
    drains = []
    for need in needs:
        t, rest = max(need.due, world.as_of), need.qty
        drains.append((t, need.qty, need.priority))
        for lot in lots:
            if lot.until >= t and rest > 0:
                take = min(rest, lot.qty - lot.used)
                lot.used += take
                rest -= take
    for lot in lots:
        if lot.until + 1 < world.horizon and lot.qty - lot.used > TINY:
            drains.append((lot.until + 1, lot.qty - lot.used, 32767))
    return sorted(drains, key=lambda d: d[0])


class Stock:
    """Planned stock of one node over time."""

    def __init__(self, start: Fraction, drains: list[Drain], supplies: list[Supply]) -> None:
        self.start, self.supplies = start, supplies
        self.times = [t for t, _, _ in drains]
        self.total = [ZERO, *accumulate(q for _, q, _ in drains)]

    def at(self, t: int) -> Fraction:
        """Return the stock after everything of minute t."""
        return self.start + sum((s.qty for s in self.supplies if s.meant <= t), ZERO) - self.drained(t)

    def drained(self, t: int) -> Fraction:
        return self.total[bisect_right(self.times, t)]


def earliest(world: World, node: int, mode: int) -> int:
    """Return e, when a new order could be there first."""
    n = world.nodes[node]
    if mode == Mode.MAKE:
        return world.clock(n.calendar).add(world.as_of, n.lead_min) + n.handling_min
    if mode == Mode.TRANSFER:
        return world.as_of + n.store_lead_min + n.handling_min
    arrivals = [first_arrival(world, s)[1] for s in world.sources_of(node) if world.sources[s].usable]
    return min(arrivals) + n.handling_min if arrivals else world.as_of


def new_order(
    world: World, node: int, mode: int, source: int, need: int, lot: Fraction, priority: int
) -> Order:
    """Time one order backward from its need, or forward from as_of when that lies in the
    past (rules 7, 8).
    """
    n = world.nodes[node]
    arrive = need - n.handling_min
    start = op = finish = arrive
    kind, flags = OrderKind.PASS, 0
    clock = world.clock(n.calendar)
    run = 0
    if mode == Mode.MAKE:
        kind = OrderKind.MAKE
        exact = n.run_min * lot
        run = -((-(exact - NEAR * max(Fraction(1), exact))) // 1)
        op = clock.back(arrive, run)
        start = clock.back(op, n.lead_min)
        op = op if run else start
    elif mode == Mode.BUY:
        kind = OrderKind.BUY
        if source < 0:
            flags |= OrderFlag.BLOCKED
        else:
            op = departs(world, source, arrive)
            start = prepares(world, source, op)
    elif mode == Mode.TRANSFER:
        kind = OrderKind.TRANSFER
        start = op = arrive - n.store_lead_min
    else:
        start = op = finish = need
    avail = need
    if kind != OrderKind.PASS and start < world.as_of and not flags & OrderFlag.BLOCKED:
        flags |= OrderFlag.PAST_DUE
        world.report(node, Trouble.PAST_DUE, need, lot, world.as_of - start)
        start = op = world.as_of
        if mode == Mode.MAKE:
            finish = clock.add(world.as_of, n.lead_min + run)
        elif mode == Mode.TRANSFER:
            finish = world.as_of + n.store_lead_min
        else:
            op, finish = first_arrival(world, source)
        avail = finish + n.handling_min
    if flags & OrderFlag.BLOCKED:
        world.report(node, Trouble.NO_SOURCE, need, lot, 0)
    if mode in (Mode.MAKE, Mode.PHANTOM) and not any(
        r.valid_from <= start < r.valid_to for r in world.revisions if r.node == node
    ):
        flags |= OrderFlag.NO_BOM
        world.report(node, Trouble.NO_BOM, start, lot, 0)
    order = Order(
        node, kind, source, need, start, op, finish, avail, lot, lot * n.yield_, priority, flags, n.calendar
    )
    world.orders.append(order)
    return order


def order_lots(
    world: World, node: int, mode: int, need: Fraction, t: int, priority: int, supplies: list[Supply]
) -> None:
    """Place lots until `need` good units are covered at t; each is shaped by rule, minimum, multiple,
    maximum.
    """
    n = world.nodes[node]
    while need > TINY:
        wish = n.foq if n.rule == LotRule.FOQ and n.foq > 0 else need / n.yield_
        low, high, multiple, source = n.min_lot, n.max_lot, n.multiple or n.step, -1
        if mode == Mode.BUY:
            source = rating_choice(world, [s for s in world.sources_of(node) if world.sources[s].usable])
        if source >= 0:
            s = world.sources[source]
            low, high, multiple = s.min_qty or low, s.max_qty or high, s.pack or multiple
        lot = shaped(wish, low, multiple, high)
        if source >= 0:
            world.used[source] += lot
        order = new_order(world, node, mode, source, t, lot, priority)
        supplies.append(Supply(t, order.good, order.avail, "order", order))
        need -= order.good


def net_node(world: World, node: int, supplies: list[Supply], *, messages: bool = True) -> None:
    """Cover every shortage of a MAKE, BUY or TRANSFER node (rules 12-17)."""
    n = world.nodes[node]
    mode = Mode.BUY if n.mode == Mode.JIT else n.mode
    drains = drains_of(world, node)
    start = sum((lot.qty for lot in world.lots.get(node, [])), ZERO)
    stock = Stock(start, drains, supplies)
    e = earliest(world, node, mode) if n.safety > 0 else 1 << 60
    minutes = sorted({t for t, _, _ in drains} | ({e} if e < world.horizon else set()))
    span = n.window_min
    if n.rule == LotRule.POQ and n.period_min > 0:
        span = n.period_min
    if n.rule == LotRule.FOQ and n.foq > 0:
        span = 1

    def short(t: int) -> Fraction:
        return (n.safety if t >= e else ZERO) - stock.at(t)

    while True:
        t = next((m for m in minutes if short(m) > TINY), None)
        if t is None:
            break
        for s in sorted((s for s in supplies if s.kind == "receipt"), key=lambda s: (s.meant, s.ref.row)):
            if short(t) > TINY and not s.fixed and t < s.meant <= t + n.resched_min:
                world.report(node, Trouble.PULL_IN, t, s.qty, s.meant - t)
                s.meant, s.fixed, s.ref.pulled = t, True, True
        if short(t) <= TINY:
            continue
        inside = [m for m in minutes if t <= m < t + span]
        hurt = [p for m, _, p in drains if t <= m < t + span]
        priority = min(hurt, default=32767)
        need = max(short(m) for m in inside)
        order_lots(world, node, mode, need, t, 0 if priority == 32767 else priority, supplies)
    if messages:
        breach_message(world, node, stock, e, minutes)
        move_messages(world, node, stock, minutes)


def breach_message(world: World, node: int, stock: Stock, e: int, minutes: list[int]) -> None:
    """Report a breach before e that firm supply cures by e (rule 12)."""
    n, until = world.nodes[node], min(e, world.horizon)
    if n.safety == 0 or any(s.kind == "order" and s.meant == e for s in stock.supplies):
        return
    low = min((stock.at(m) for m in {world.as_of, *minutes} if m < until), default=n.safety)
    if low < n.safety - TINY:
        world.report(node, Trouble.SAFETY_BREACH, until, n.safety - low, until - world.as_of)


def move_messages(world: World, node: int, stock: Stock, minutes: list[int]) -> None:
    """Report receipts whose first peg comes late, or never, where safety stock holds without them (rule
    14).
    """
    n = world.nodes[node]
    needs = sorted(
        (max(x.due, world.as_of), x.qty)
        for x in world.needs.get(node, [])
        if max(x.due, world.as_of) < world.horizon
    )
    rank = {"receipt": 0, "order": 1}
    line = sorted(stock.supplies, key=lambda s: (s.meant, rank[s.kind]))
    before = sum((lot.used for lot in world.lots.get(node, [])), ZERO)
    for s in line:
        if s.kind == "receipt" and not s.fixed and s.meant < world.horizon:
            total, first = ZERO, world.horizon
            for t, q in needs:
                total += q
                if total > before + TINY:
                    first = t
                    break
            if first == world.horizon or first > s.meant + world.data.params.push_tolerance_min:
                low = min(stock.at(m) for m in {s.meant, *minutes} if s.meant <= m < first)
                if low - s.qty >= n.safety - TINY:
                    kind = Trouble.CANCEL if first == world.horizon else Trouble.PUSH_OUT
                    world.report(node, kind, first, s.qty, first - s.meant)
        before += s.qty


def pass_down(world: World, node: int, supplies: list[Supply]) -> None:
    """Net a phantom minute by minute; the rest goes to its children at the same minute (rule
    15).
    """
    left = sum((lot.qty for lot in world.lots.get(node, [])), ZERO)
    waiting = sorted(supplies, key=lambda s: s.meant)
    drains = drains_of(world, node)
    for t in sorted({d[0] for d in drains}):
        qty = sum((q for at, q, _ in drains if at == t), ZERO)
        priority = min(p for at, _, p in drains if at == t)
        while waiting and waiting[0].meant <= t:
            left += waiting.pop(0).qty
        rest = qty - min(qty, left)
        left -= qty - rest
        if rest > TINY:
            lot = rest / world.nodes[node].yield_
            order = new_order(world, node, Mode.PHANTOM, -1, t, lot, priority)
            supplies.append(Supply(t, order.good, t, "order", order))


def receipts_of(world: World, node: int, receipts: list[Any]) -> list[Supply]:
    """Return the firm receipts that count, at the minute they count (rule 8)."""
    return [
        Supply(r.time, r.qty, r.time, "receipt", r, fixed=bool(r.fixed))
        for r in sorted((r for r in receipts if r.node == node), key=lambda r: (r.time, r.row))
    ]
