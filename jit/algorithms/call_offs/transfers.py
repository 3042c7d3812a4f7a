"""Line-side areas of one store share its free stock before anybody is called (rule 11)."""

from jit.algorithms.call_offs.existing import KEPT, call_status
from jit.algorithms.call_offs.targets import next_window, target_of
from jit.algorithms.call_offs.windows import open_lanes
from jit.algorithms.compiled import inner
from jit.algorithms.mrp.events import load_events
from jit.algorithms.mrp.lots import round_down, round_up
from jit.algorithms.mrp.messages import load_receipts, sort_supply
from jit.algorithms.mrp.orders import add_order
from jit.algorithms.mrp.shapes import N_ORDERS, N_OVERFLOW, TINY, TRANSFER


@inner
def prefix_sums(scratch, n):
    """Fill scratch.pre[0..n] with the cumulative drains."""
    total = 0.0
    scratch.pre[0] = 0.0
    for j in range(n):
        total += scratch.ev[j].q
        scratch.pre[j + 1] = total


@inner
def wishes_of(plant, out, scratch, area, pool, at, hints):
    """Append what one area would take from an endless store, window by window; returns the new end of the
    list.
    """
    net, lanes = plant.net, plant.lanes
    n = load_events(plant, out, scratch, area)
    prefix_sums(scratch, n)
    open_lanes(plant, scratch, area)
    count = load_receipts(plant, out, scratch, area)
    handling = net[area].handling
    for x in range(plant.net[area].call_first, plant.net[area].call_end):
        if call_status(plant, scratch, area, x) == KEPT:
            eta = plant.call[x].eta
            if eta < plant.as_of:
                eta = plant.as_of + lanes.src[plant.call[x].source].delay
            scratch.fs[count].t = eta + handling
            scratch.fs[count].q = plant.call[x].qty
            scratch.fs[count].fixed = True
            scratch.fs[count].ref = -1
            count += 1
    sort_supply(scratch, count)
    have, given, rp = net[area].stock, 0.0, 0
    grid = net[area].grid
    if grid < 0:
        return at
    w = next_window(lanes, grid, plant.as_of + net[area].store_lead - 1, 0)
    last = lanes.grid_ptr[grid + 1]
    while w < last and lanes.win_end[w] < plant.horizon and given < pool - TINY:
        t = lanes.win_end[w]
        while rp < count and scratch.fs[rp].t <= t + handling:
            have += scratch.fs[rp].q
            rp += 1
        t_next = lanes.win_end[w + 1] if w + 1 < last else plant.horizon
        target, _ = target_of(plant, scratch, area, n, t_next, hints)
        short = target - have - given
        if short > TINY:
            qty = round_up(short, net[area].container)
            if at >= len(scratch.wish):
                return -1
            scratch.wish[at].t, scratch.wish[at].q, scratch.wish[at].area = t, qty, area
            given += qty
            at += 1
        w += 1
    return at


@inner
def comes_before(scratch, a, b):
    """Tell whether wish a goes before wish b: earlier window, then area."""
    if scratch.wish[a].t != scratch.wish[b].t:
        return scratch.wish[a].t < scratch.wish[b].t
    return scratch.wish[a].area < scratch.wish[b].area


@inner
def share_store(plant, out, scratch, store, hints):
    """Give the free stock of a store to its JIT areas, earliest windows first; returns wishes kept, -1 =
    full.

    Free = usable stock of the store - its safety stock - reservations. A wish that cannot be met in full gets
    the whole containers that are left, and its area nothing more (the pool only shrinks).
    """
    net = plant.net
    pool = net[store].stock - net[store].safety
    count = 0
    if pool <= TINY:
        return 0
    for a in range(plant.net[store].area_first, plant.net[store].area_end):
        area = plant.area[a]
        if net[area].group == store:
            hints[:] = 0
            count = wishes_of(plant, out, scratch, area, pool, count, hints)
            if count < 0:
                out.count[N_OVERFLOW] = 5
                return -1
    for i in range(count):
        scratch.key[i] = i
    for i in range(1, count):
        j, mine = i, scratch.key[i]
        while j > 0 and comes_before(scratch, mine, scratch.key[j - 1]):
            scratch.key[j] = scratch.key[j - 1]
            j -= 1
        scratch.key[j] = mine
    for k in range(count):
        i = scratch.key[k]
        qty = scratch.wish[i].q
        if qty > pool + TINY:
            qty = round_down(pool, net[scratch.wish[i].area].container) if pool > TINY else 0.0
        scratch.wish[i].q = qty
        pool -= qty
    return count


@inner
def plan_transfers(plant, out, scratch, area, wishes):
    """Turn the shared wishes of one area into transfer orders; False when the table is full."""
    for i in range(wishes):
        if scratch.wish[i].area == area and scratch.wish[i].q > TINY:
            if out.count[N_ORDERS] >= len(out.order):
                out.count[N_OVERFLOW] = 1 + N_ORDERS
                return False
            need = scratch.wish[i].t + plant.net[area].handling
            add_order(plant, out, area, TRANSFER, -1, need, scratch.wish[i].q, 0)
    return True
