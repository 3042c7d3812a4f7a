"""The reference run: nodes in order, requirements pushed down, everything by definition."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from jit.algorithms.mrp.model import Mode, PlanInput, ReceiptKind
from jit.algorithms.mrp.reference.calls import plan_jit, share_store
from jit.algorithms.mrp.reference.lots import net_node, pass_down, receipts_of
from jit.algorithms.mrp.reference.rows import TINY, ZERO, Clock, Need, Order, Supply, World, rows, world_of
from jit.algorithms.mrp.result import OrderKind, Trouble
from jit.algorithms.mrp.table import NEVER


class Reference:
    """The whole answer: world.orders, world.made_calls, world.needs, world.troubles, and supplies by node."""

    def __init__(self, data: PlanInput) -> None:
        self.world = world_of(data)
        self.supplies: dict[int, list[Supply]] = {}
        self.in_cycle: set[int] = set()
        stock_and_reservations(self.world)
        self.receipts = firm_receipts(self.world)
        load_demands(self.world)
        self.run()

    def run(self) -> None:
        world = self.world
        order, self.in_cycle = planning_order(world)
        for v in sorted(self.in_cycle):
            total = sum((d.qty for d in rows(world.data.demands) if d.node == v), ZERO)
            world.report(v, Trouble.CYCLE, world.as_of, total, 0)
        for w in rows(world.data.works):
            times = (w.until, w.start, w.start, w.until, w.until)
            made = (w.qty, ZERO, w.priority, 0, w.calendar)
            explode(world, Order(w.node, OrderKind.WORK, -1, *times, *made), self.in_cycle)
        shared: dict[int, list[tuple[int, Fraction]]] = {}
        for v in order:
            n = world.nodes[v]
            first = len(world.orders)
            if n.mode == Mode.JIT:
                if n.store >= 0 and v not in shared:
                    same = [a for a in order if world.nodes[a].store == n.store]
                    areas = sorted(a for a in same if world.nodes[a].mode == Mode.JIT)
                    shared |= share_store(
                        world, n.store, areas, {a: receipts_of(world, a, self.receipts) for a in areas}
                    )
                self.supplies[v] = plan_jit(world, v, receipts_of(world, v, self.receipts), shared.get(v, []))
            else:
                self.supplies[v] = receipts_of(world, v, self.receipts)
                if n.mode == Mode.PHANTOM:
                    pass_down(world, v, self.supplies[v])
                else:
                    net_node(world, v, self.supplies[v])
            for made in world.orders[first:]:
                explode(world, made, self.in_cycle)


def stock_and_reservations(world: World) -> None:
    """Find the free lots, and settle hard reservations (rule 10)."""
    lots, demands = rows(world.data.lots), rows(world.data.demands)
    for i, lot in enumerate(lots):
        life = max(world.nodes[lot.node].min_life_min, 1)
        lot.row, lot.until = i, NEVER if lot.expiry >= NEVER else lot.expiry - life
    free = [lot for lot in lots if lot.usable and lot.until >= world.as_of and lot.qty > TINY]
    for r in rows(world.data.reservations):
        wanted = r.qty if r.demand < 0 else min(r.qty, demands[r.demand].qty)
        named = [lot for lot in free if (lot.row == r.lot if r.lot >= 0 else lot.node == r.node)]
        for lot in sorted(named, key=lambda x: (x.until, x.row)):
            got = min(wanted, lot.qty)
            if got > TINY:
                lot.qty -= got
                wanted -= got
                if r.demand >= 0:
                    demands[r.demand].qty -= got
                    world.hard.append((r.demand, lot.row, got))
    for lot in free:
        if lot.qty > TINY:
            world.lots.setdefault(lot.node, []).append(lot)
    world.open_demands = demands


def firm_receipts(world: World) -> list[Any]:
    """Date the firm receipts; those in the past count at as_of, or after the lane's delay, or no more
    (rules 8, 22).
    """
    counted = []
    for i, r in enumerate(rows(world.data.receipts)):
        r.row, r.time = i, r.due
        if r.due < world.as_of:
            moving = r.kind == ReceiptKind.IN_TRANSIT
            r.time = world.as_of + (r.delay_min if moving else 0)
            kind = Trouble.LATE if moving else Trouble.OVERDUE_RECEIPT
            if world.as_of - r.due > world.data.params.stale_min:
                kind = Trouble.STALE_RECEIPT
            world.report(r.node, kind, r.due, r.qty, world.as_of - r.due)
            if kind == Trouble.STALE_RECEIPT:
                continue
        if r.qty > TINY:
            counted.append(r)
    return counted


def slices(clock: Clock, begin: int, end: int, width: int) -> list[tuple[int, Fraction]]:
    """Cut [begin, end) every `width` minutes; returns (first open minute, share of the open time) (rule
    1).
    """
    whole = clock.count(begin, end)
    if whole == 0:
        return [(begin, Fraction(1))]
    made = []
    for a in range(begin, end, width):
        open_ = clock.count(a, min(a + width, end))
        if open_:
            made.append((clock.opens(a), Fraction(open_, whole)))
    return made


def load_demands(world: World) -> None:
    """Put the open demands, sliced, in front of their nodes."""
    for i, d in enumerate(world.open_demands):
        if d.qty <= TINY:
            continue
        parts = [(d.due, Fraction(1))]
        if d.until > d.due:
            parts = slices(world.clock(d.calendar), d.due, d.until, world.nodes[d.node].window_min)
        for due, share in parts:
            world.needs.setdefault(d.node, []).append(Need(due, d.qty * share, d.priority, ("demand", i)))


def revision_at(world: World, node: int, t: int) -> int:
    """Return the row of the revision used at t: the valid one, else the next later, else the last earlier
    (rule 18).
    """
    mine = [(r.valid_from, r.valid_to, i) for i, r in enumerate(world.revisions) if r.node == node]
    for since, until, i in mine:
        if since <= t < until:
            return i
    later = [m for m in mine if m[0] > t]
    if later:
        return min(later)[2]
    return max(mine)[2] if mine else -1


def explode(world: World, order: Order, in_cycle: set[int]) -> None:
    """Push what one order draws to its components, or to the store it is moved from."""
    n = world.nodes[order.node]
    if order.kind == OrderKind.TRANSFER:
        if n.store not in in_cycle:
            world.needs.setdefault(n.store, []).append(
                Need(order.start, order.qty, order.priority, ("transfer", order))
            )
        return
    if order.kind == OrderKind.BUY:
        return
    sliced = order.finish > order.op and (order.kind == OrderKind.WORK or n.run_min > 0)
    whole_revision = revision_at(world, order.node, order.start)
    for i, line in enumerate(world.lines):
        if world.revisions[line.revision].node != order.node or line.component in in_cycle:
            continue
        if used_span(world, line.revision)[0] >= world.horizon:
            continue  # a revision of the time after the plan plans nothing
        per = order.qty * line.qty_per / (1 - line.scrap)
        needs = world.needs.setdefault(line.component, [])
        origin = ("order", order, i)
        if not sliced or line.offset_min != 0:
            if line.revision == whole_revision and per + line.fixed > 0:
                needs.append(Need(order.op + line.offset_min, per + line.fixed, order.priority, origin))
            continue
        if line.revision == whole_revision and line.fixed > 0:
            needs.append(Need(order.op, line.fixed, order.priority, origin))
        if per > 0:
            width = world.nodes[line.component].window_min
            for due, share in slices(world.clock(order.calendar), order.op, order.finish, width):
                if line.revision == revision_at(world, order.node, due):
                    needs.append(Need(due, per * share, order.priority, origin))


def planning_order(world: World) -> tuple[list[int], set[int]]:
    """Return the nodes, whoever draws first, and those in a cycle; areas of one store go together (rules
    10, 11, 18).
    """
    count = len(world.nodes)
    group = {
        v: count + n.store if n.mode == Mode.JIT and n.store >= 0 else v for v, n in enumerate(world.nodes)
    }
    first = min([world.as_of, *(w.start for w in rows(world.data.works))])
    arcs = set()
    for line in world.lines:
        parent = world.revisions[line.revision].node
        since, before = used_span(world, line.revision)
        if since < world.horizon and before > first:
            arcs.add((group[parent], group[line.component]))
    for v, n in enumerate(world.nodes):
        if n.store >= 0 and n.mode in (Mode.JIT, Mode.TRANSFER):
            arcs.add((group[v], group[n.store]))
    reach: dict[int, set[int]] = {}
    for g in set(group.values()):
        seen: set[int] = set()
        todo = [g]
        while todo:
            at = todo.pop()
            for a, b in arcs:
                if a == at and b not in seen:
                    seen.add(b)
                    todo.append(b)
        reach[g] = seen
    loops = {g for g, seen in reach.items() if g in seen}
    order: list[int] = []
    left = {g for g in reach if g not in loops}
    while left:
        ready = sorted(g for g in left if not any(b == g and a in left for a, b in arcs))
        for g in ready:
            order += sorted(v for v in group if group[v] == g)
            left.discard(g)
    return order, {v for v in group if group[v] in loops}


def used_span(world: World, revision: int) -> tuple[int, int]:
    """Return the starts a revision is used for, [since, before)."""
    mine = sorted((r.valid_from, r.valid_to, i) for i, r in enumerate(world.revisions)
                  if r.node == world.revisions[revision].node)  # fmt: skip
    at = next(k for k, m in enumerate(mine) if m[2] == revision)
    since = -(1 << 60) if at == 0 else mine[at - 1][1]
    return since, 1 << 60 if at + 1 == len(mine) else mine[at][1]
