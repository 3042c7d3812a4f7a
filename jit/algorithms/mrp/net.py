"""Netting of one node into lots: shortage by shortage, in time order (rules 8, 12-17)."""

from jit.algorithms.compiled import hot, inner
from jit.algorithms.mrp.events import report
from jit.algorithms.mrp.lanes import choose_source, earliest_arrival
from jit.algorithms.mrp.lots import shape_lot
from jit.algorithms.mrp.messages import report_breach, report_moves, settle_supply
from jit.algorithms.mrp.orders import add_order
from jit.algorithms.mrp.shapes import (
    BUY,
    FAR,
    JIT,
    MAKE,
    N_ORDERS,
    N_OVERFLOW,
    PHANTOM,
    T_PULL_IN,
    TINY,
    TRANSFER,
)
from jit.algorithms.mrp.worktime import work_add

FOQ, POQ = 1, 2


@inner
def earliest_supply(plant, node, mode):
    """Return e, the minute at which a new order could be available first (rule 12)."""
    net, as_of = plant.net, plant.as_of
    if mode == MAKE:
        done = work_add(plant.days, net[node].calendar, as_of, net[node].lead)
        return done + net[node].handling
    if mode == TRANSFER:
        return as_of + net[node].store_lead + net[node].handling
    first = FAR
    for s in range(plant.net[node].src_first, plant.net[node].src_end):
        if plant.lanes.src[s].usable:
            _, arrival = earliest_arrival(plant.lanes, plant.days, s, as_of)
            first = min(first, arrival)
    return as_of if first == FAR else first + net[node].handling


@hot
def pull_in(plant, out, scratch, node, rp, count, t, short):
    """Count firm receipts due within the tolerance after the shortage as cover, earliest first (rule 14).

    Returns the quantity pulled in; a pulled receipt is marked by the minute it is wanted at in out.pull.
    """
    got = 0.0
    limit = t + plant.net[node].resched
    i = rp
    while i < count and scratch.fs[i].t <= limit and short - got > TINY:
        r = scratch.fs[i].ref
        if not scratch.fs[i].fixed and r >= 0 and out.pull[r] == FAR:
            out.pull[r] = t
            got += scratch.fs[i].q
            report(out, node, T_PULL_IN, plant.rec[r].ref, t, scratch.fs[i].q, scratch.fs[i].t - t)
        i += 1
    return got


@hot
def is_pulled(out, ref):
    return ref >= 0 and out.pull[ref] != FAR


@hot
def place_lots(plant, out, node, mode, need, t, prio):
    """Order lots until `need` good units are covered at t; returns the good quantity, -1 = table full."""
    net, lanes = plant.net, plant.lanes
    covered = 0.0
    while need - covered > TINY:
        if out.count[N_ORDERS] >= len(out.order):
            out.count[N_OVERFLOW] = 1 + N_ORDERS
            return -1.0
        wish = (need - covered) / net[node].yield_
        if net[node].rule == FOQ and net[node].foq > 0:
            wish = net[node].foq
        low, high = net[node].min_lot, net[node].max_lot
        multiple = net[node].multiple if net[node].multiple > 0 else net[node].step
        source = -1
        if mode == BUY:
            source = choose_source(plant, out.used, node)
            if source >= 0:
                low = lanes.src[source].low if lanes.src[source].low > 0 else low
                high = lanes.src[source].high if lanes.src[source].high > 0 else high
                multiple = lanes.src[source].pack if lanes.src[source].pack > 0 else multiple
        lot = shape_lot(wish, low, multiple, high)
        if source >= 0:
            out.used[source] += lot
        add_order(plant, out, node, mode, source, t, lot, prio)
        covered += lot * net[node].yield_
    return covered


@inner
def net_lots(plant, out, scratch, node, n, count, stock):
    """Walk the n drains of a MAKE, BUY or TRANSFER node and order what is short; False when a table is full.

    `count` firm supplies stand in scratch.fs. Every shortage is covered at its minute; a mere breach of
    safety stock makes supply from minute e on (rule 12). One order covers the largest shortage of its window.
    """
    net, horizon = plant.net, plant.horizon
    mode = net[node].mode
    if mode == JIT:
        mode = BUY
    safety = net[node].safety
    e = earliest_supply(plant, node, mode) if safety > 0 else FAR
    span = net[node].window
    if net[node].rule == POQ and net[node].period > 0:
        span = net[node].period
    elif net[node].rule == FOQ and net[node].foq > 0:
        span = 1
    span = max(span, 1)
    pab, j, rp = stock, 0, 0
    raised = safety <= 0
    while True:
        t = scratch.ev[j].t if j < n else FAR
        if not raised and e <= t:
            t = e
            raised = True
        if t >= horizon:
            break
        while rp < count and scratch.fs[rp].t <= t:
            if not is_pulled(out, scratch.fs[rp].ref):
                pab += scratch.fs[rp].q
            rp += 1
        prio = 32767
        while j < n and scratch.ev[j].t == t:
            pab -= scratch.ev[j].q
            prio = min(prio, scratch.ev[j].p)
            j += 1
        level = safety if raised else 0.0
        if pab >= level - TINY:
            continue
        if net[node].resched > 0:
            pab += pull_in(plant, out, scratch, node, rp, count, t, level - pab)
            if pab >= level - TINY:
                continue
        need, edge = level - pab, t + span
        while True:
            tau = scratch.ev[j].t if j < n else FAR
            up = not raised and e <= tau
            if up:
                tau = e
            if tau >= edge or tau >= horizon:
                break
            raised = raised or up
            while rp < count and scratch.fs[rp].t <= tau:
                if not is_pulled(out, scratch.fs[rp].ref):
                    pab += scratch.fs[rp].q
                rp += 1
            while j < n and scratch.ev[j].t == tau:
                pab -= scratch.ev[j].q
                prio = min(prio, scratch.ev[j].p)
                j += 1
            need = max(need, safety - pab) if raised else max(need, -pab)
        good = place_lots(plant, out, node, mode, need, t, 0 if prio == 32767 else prio)
        if good < 0:
            return False
        pab += good
    if net[node].mode == JIT:
        return True
    if safety > 0 or count > 0:
        settle_supply(out, scratch, count)
    if safety > 0:
        report_breach(plant, out, scratch, node, n, count, stock, e)
    if count > 0:
        report_moves(plant, out, scratch, node, n, count, stock)
    return True


@inner
def net_phantom(plant, out, scratch, node, n, count, stock):
    """Use the phantom's own stock and receipts, hand the rest of each minute down at that minute (rule
    15).
    """
    pab, rp, j = stock, 0, 0
    while j < n:
        t, want, prio = scratch.ev[j].t, 0.0, 32767
        while j < n and scratch.ev[j].t == t:
            want += scratch.ev[j].q
            prio = min(prio, scratch.ev[j].p)
            j += 1
        while rp < count and scratch.fs[rp].t <= t:
            pab += scratch.fs[rp].q
            rp += 1
        rest = want - max(pab, 0.0)
        pab -= min(want, max(pab, 0.0))
        if rest > TINY:
            if out.count[N_ORDERS] >= len(out.order):
                out.count[N_OVERFLOW] = 1 + N_ORDERS
                return False
            add_order(plant, out, node, PHANTOM, -1, t, rest / plant.net[node].yield_, prio)
    return True
