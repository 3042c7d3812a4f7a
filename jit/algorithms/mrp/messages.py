"""Messages about firm supply after netting: safety breach, push out, cancel (rules 12, 14)."""

from jit.algorithms.compiled import hot, inner
from jit.algorithms.mrp.events import report
from jit.algorithms.mrp.shapes import FAR, N_ORDERS, T_BREACH, T_CANCEL, T_PUSH_OUT, TINY


@hot
def load_receipts(plant, out, scratch, node):
    """Fill scratch.fs with the node's firm receipts in time order; return how many."""
    n = 0
    for r in range(plant.net[node].rec_first, plant.net[node].rec_end):
        scratch.fs[n].t = plant.rec[r].time
        scratch.fs[n].q = plant.rec[r].qty
        scratch.fs[n].fixed = plant.rec[r].fixed
        scratch.fs[n].ref = r
        n += 1
    return n


@inner
def sort_supply(scratch, count):
    """Sort scratch.fs by time, equal times as they stand (almost sorted already)."""
    for i in range(1, count):
        t, q, f, r = scratch.fs[i].t, scratch.fs[i].q, scratch.fs[i].fixed, scratch.fs[i].ref
        j = i
        while j > 0 and scratch.fs[j - 1].t > t:
            scratch.fs[j].t = scratch.fs[j - 1].t
            scratch.fs[j].q = scratch.fs[j - 1].q
            scratch.fs[j].fixed = scratch.fs[j - 1].fixed
            scratch.fs[j].ref = scratch.fs[j - 1].ref
            j -= 1
        scratch.fs[j].t, scratch.fs[j].q, scratch.fs[j].fixed, scratch.fs[j].ref = t, q, f, r


@hot
def settle_supply(out, scratch, count):
    """Give pulled-in receipts the minute they are wanted at, and sort again."""
    for i in range(count):
        r = scratch.fs[i].ref
        if r >= 0 and out.pull[r] != FAR:
            scratch.fs[i].t = out.pull[r]
    sort_supply(scratch, count)


@inner
def lowest_stock(plant, out, scratch, node, n, count, stock, since, until):
    """Return the lowest stock in [since, until).

    The stock is the planned one: firm supply and orders at the minute they are meant for. Looked at in
    `since` and in every minute something drains.
    """
    pab, rp, j = stock, 0, 0
    o, last = out.span[node].order_first, out.count[N_ORDERS]
    low = 1e300
    t = since
    while t < until:
        while rp < count and scratch.fs[rp].t <= t:
            pab += scratch.fs[rp].q
            rp += 1
        while o < last and out.order[o].need <= t:
            pab += out.order[o].good
            o += 1
        while j < n and scratch.ev[j].t <= t:
            pab -= scratch.ev[j].q
            j += 1
        low = min(low, pab)
        t = scratch.ev[j].t if j < n else FAR
    return low


@inner
def report_breach(plant, out, scratch, node, n, count, stock, e):
    """Say that stock is below safety for a while before e, unless an order at e mends it (rule 12)."""
    safety, until = plant.net[node].safety, min(e, plant.horizon)
    for o in range(out.span[node].order_first, out.count[N_ORDERS]):
        if out.order[o].need == e:
            return
    low = lowest_stock(plant, out, scratch, node, n, count, stock, plant.as_of, until)
    if low < safety - TINY:
        report(out, node, T_BREACH, -1, until, safety - low, until - plant.as_of)


@inner
def report_moves(plant, out, scratch, node, n, count, stock):
    """Say which receipts come too early or for nothing, where safety stock holds without them (rule 14)."""
    safety = plant.net[node].safety
    usable = 0.0
    for k in range(plant.net[node].lot_first, plant.net[node].lot_end):
        usable += out.lot_use[k]
    before = usable
    o, last = out.span[node].order_first, out.count[N_ORDERS]
    for i in range(count):
        t, qty, r = scratch.fs[i].t, scratch.fs[i].q, scratch.fs[i].ref
        while o < last and out.order[o].need < t:
            before += out.order[o].good
            o += 1
        if r >= 0 and not scratch.fs[i].fixed and out.pull[r] == FAR and t < plant.horizon:
            first, total = plant.horizon, 0.0
            for q in range(out.span[node].req_first, out.span[node].req_end):
                total += out.req[q].qty
                if total > before + TINY:
                    first = min(first, max(out.req[q].due, plant.as_of))
                    break
            if first > t + plant.push_tolerance or first == plant.horizon:
                low = lowest_stock(plant, out, scratch, node, n, count, stock, t, first)
                if low - qty >= safety - TINY:
                    kind = T_CANCEL if first == plant.horizon else T_PUSH_OUT
                    report(out, node, kind, plant.rec[r].ref, first, qty, first - t)
        before += qty
