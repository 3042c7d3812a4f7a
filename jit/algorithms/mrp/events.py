"""What drains the stock of one node, in time order: requirements, and lots that expire unused."""

from jit.algorithms.compiled import hot, inner
from jit.algorithms.mrp.shapes import N_TROUBLES, TINY


@hot
def load_events(plant, out, scratch, node):
    """Fill scratch.ev with the drains before the horizon; return how many.

    Stock is used before any other supply, by expiry, so how much of a lot expires depends on the requirements
    alone: that waste is a drain in the first minute it can no longer be used (rule 10).
    """
    n = 0
    for i in range(out.span[node].req_first, out.span[node].req_end):
        t = max(out.req[i].due, plant.as_of)
        if t >= plant.horizon:
            break
        scratch.ev[n].t = t
        scratch.ev[n].q = out.req[i].qty
        scratch.ev[n].p = out.req[i].prio
        n += 1
    if plant.net[node].expiring:
        n = add_waste(plant, out, scratch, node, n)
    return n


@inner
def add_waste(plant, out, scratch, node, n):
    """Work out the used part of each lot (into out.lot_use) and insert the rest as drains."""
    used, total, j = 0.0, 0.0, 0
    for k in range(plant.net[node].lot_first, plant.net[node].lot_end):
        while j < n and scratch.ev[j].t <= plant.lot[k].until:
            total += scratch.ev[j].q
            j += 1
        use = min(plant.lot[k].qty, max(0.0, total - used))
        out.lot_use[k] = use
        used += use
    for k in range(plant.net[node].lot_first, plant.net[node].lot_end):
        waste, t = plant.lot[k].qty - out.lot_use[k], plant.lot[k].until + 1
        if waste > TINY and t < plant.horizon:
            i = n
            while i > 0 and scratch.ev[i - 1].t > t:
                scratch.ev[i].t = scratch.ev[i - 1].t
                scratch.ev[i].q = scratch.ev[i - 1].q
                scratch.ev[i].p = scratch.ev[i - 1].p
                i -= 1
            scratch.ev[i].t = t
            scratch.ev[i].q = waste
            scratch.ev[i].p = 32767
            n += 1
    return n


@hot
def report(out, node, kind, ref, minute, qty, minutes):
    """Append an exception; a full table is noticed by the main loop (the row is lost, the run repeated)."""
    at = out.count[N_TROUBLES]
    if at < len(out.trouble):
        out.trouble[at].node = node
        out.trouble[at].kind = kind
        out.trouble[at].ref = ref
        out.trouble[at].minute = minute
        out.trouble[at].qty = qty
        out.trouble[at].minutes = minutes
    out.count[N_TROUBLES] = at + 1
