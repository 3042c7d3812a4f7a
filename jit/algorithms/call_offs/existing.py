"""Calls of the last run: which ones the run may not touch, which it may change (rules 22-24)."""

from jit.algorithms.compiled import hot, inner
from jit.algorithms.mrp.events import report
from jit.algorithms.mrp.lanes import latest_departure, prepare_back
from jit.algorithms.mrp.shapes import (
    DRAFT,
    FIRM,
    K_TRANSFER,
    N_CALLS,
    N_OVERFLOW,
    SENT,
    T_LATE,
    T_UNRELEASED,
    TINY,
)

KEPT, LIVE, FORCED = 0, 1, 2


@hot
def call_status(plant, scratch, node, x):
    """Tell what the run may do with call row x: KEPT = nothing, LIVE = re-plan, FORCED = take it back.

    Kept: FIRM, inside the frozen zone, beyond the horizon, or sent and too near to be planned anew. Taken
    back: a draft nobody can deliver in time any more, and a call to a supplier that may not deliver.
    """
    lanes = plant.lanes
    source, end, stage = plant.call[x].source, plant.call[x].end, plant.call[x].stage
    if stage == FIRM or end >= plant.horizon:
        return KEPT
    reachable = lanes.src[source].usable and end >= scratch.lane[source].arrival
    if end < plant.as_of + plant.net[node].frozen:
        return KEPT if stage == SENT or reachable else FORCED
    if stage == SENT and lanes.src[source].usable and not reachable:
        return KEPT
    return LIVE if reachable else FORCED


@hot
def emit_call(plant, out, node, source, end, qty, avail, old, kept):
    """Append a call-off row with its shipping times; False when the table is full."""
    at = out.count[N_CALLS]
    if at >= len(out.call):
        out.count[N_OVERFLOW] = 1 + N_CALLS
        return False
    ship = latest_departure(plant.lanes, plant.days, source, end)
    start = prepare_back(plant.lanes, plant.days, source, ship)
    out.call[at].node = node
    out.call[at].source = source
    out.call[at].end = end
    out.call[at].qty = qty
    out.call[at].ship = ship
    out.call[at].start = start
    out.call[at].avail = avail
    out.call[at].old = old
    out.call[at].kept = kept
    out.count[N_CALLS] = at + 1
    return True


@inner
def keep_calls(plant, out, scratch, node, count):
    """Emit the kept calls of a node and append them to scratch.fs; returns the new count, -1 when full.

    A call past its ETA counts at as_of plus the lane's mean delay, with LATE (rule 22).
    """
    handling = plant.net[node].handling
    for x in range(plant.net[node].call_first, plant.net[node].call_end):
        if call_status(plant, scratch, node, x) != KEPT:
            continue
        source, qty, eta = plant.call[x].source, plant.call[x].qty, plant.call[x].eta
        if eta < plant.as_of:
            report(out, node, T_LATE, out.count[N_CALLS], eta, qty, plant.as_of - eta)
            eta = plant.as_of + plant.lanes.src[source].delay
        if plant.call[x].stage == DRAFT and plant.call[x].end < plant.horizon:
            report(out, node, T_UNRELEASED, out.count[N_CALLS], plant.call[x].end, qty, 0)
        if not emit_call(plant, out, node, source, plant.call[x].end, qty, eta + handling, x, True):
            return -1
        out.used[source] += qty
        scratch.fs[count].t = eta + handling
        scratch.fs[count].q = qty
        scratch.fs[count].fixed = True
        scratch.fs[count].ref = -1
        count += 1
    return count


@inner
def add_transfers(out, scratch, node, count):
    """Append the transfers already planned into this area to scratch.fs; returns the new count."""
    for o in range(out.span[node].order_first, out.span[node].order_end):
        if out.order[o].kind == K_TRANSFER:
            scratch.fs[count].t = out.order[o].need
            scratch.fs[count].q = out.order[o].good
            scratch.fs[count].fixed = True
            scratch.fs[count].ref = -1
            count += 1
    return count


@inner
def key_is_taken(plant, out, first_call, node, source, end):
    """Tell whether this run or a kept call already holds the key (source, window end)."""
    for c in range(first_call, out.count[N_CALLS]):
        if out.call[c].source == source and out.call[c].end == end:
            return True
    return False


@hot
def small_change(qty, old, pack, supply, target, plain):
    """Tell whether a SENT call stays as it is (rule 24).

    supply: cumulative supply without this call; plain: consumption up to the next window; target: with cover.
    """
    if abs(qty - old) < pack - TINY:
        return True
    return plain - TINY <= supply + old <= target + pack + TINY
