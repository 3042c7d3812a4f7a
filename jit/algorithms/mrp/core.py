"""The fast pull run: one pass over the nodes in planning order, compiled as a whole."""

from jit.algorithms.call_offs.existing import KEPT, add_transfers, call_status, emit_call, keep_calls
from jit.algorithms.call_offs.transfers import plan_transfers, prefix_sums, share_store
from jit.algorithms.call_offs.windows import call_windows, open_lanes
from jit.algorithms.compiled import inner, kernel
from jit.algorithms.mrp.events import load_events
from jit.algorithms.mrp.gather import gather
from jit.algorithms.mrp.messages import load_receipts, sort_supply
from jit.algorithms.mrp.net import net_lots, net_phantom
from jit.algorithms.mrp.shapes import JIT, N_CALLS, N_ORDERS, N_OVERFLOW, N_TROUBLES, PHANTOM


@inner
def plan_jit(plant, out, scratch, node, n, wishes, hints):
    """Plan one JIT node: transfers from the store, kept calls, then calls; False when a table is full.

    Without any usable lane the need becomes BLOCKED proposals, and open calls are taken back (rule 19).
    """
    stock = plant.net[node].stock
    first_call = out.count[N_CALLS]
    has_lane = open_lanes(plant, scratch, node)
    if not plan_transfers(plant, out, scratch, node, wishes):
        return False
    out.span[node].order_end = out.count[N_ORDERS]
    count = load_receipts(plant, out, scratch, node)
    count = add_transfers(out, scratch, node, count)
    count = keep_calls(plant, out, scratch, node, count)
    if count < 0:
        return False
    sort_supply(scratch, count)
    if has_lane:
        prefix_sums(scratch, n)
        hints[:] = 0
        return call_windows(plant, out, scratch, node, n, count, stock, first_call, hints)
    for x in range(plant.net[node].call_first, plant.net[node].call_end):
        if call_status(plant, scratch, node, x) == KEPT:
            continue
        t, qty = plant.call[x].end + plant.net[node].handling, plant.call[x].packed
        if not emit_call(plant, out, node, plant.call[x].source, plant.call[x].end, qty, t, x, False):
            return False
        if qty > 0:
            scratch.fs[count].t, scratch.fs[count].q = t, qty
            scratch.fs[count].fixed, scratch.fs[count].ref = True, -1
            count += 1
    sort_supply(scratch, count)
    return net_lots(plant, out, scratch, node, n, count, stock)


@kernel
def run_plan(plant, out, scratch):
    """Plan every node of plant.sequence into `out`; count[N_OVERFLOW] tells which table was too small."""
    net = plant.net
    hints = scratch.hints
    group, wishes = -1, 0
    for node in plant.sequence:
        if net[node].group >= 0:
            if net[node].group != group:
                group = net[node].group
                for a in range(plant.net[group].area_first, plant.net[group].area_end):
                    if net[plant.area[a]].group == group and not gather(plant, out, scratch, plant.area[a]):
                        return
                wishes = share_store(plant, out, scratch, group, hints)
                if wishes < 0:
                    return
        elif not gather(plant, out, scratch, node):
            return
        out.span[node].order_first = out.count[N_ORDERS]
        n = load_events(plant, out, scratch, node)
        stock = net[node].stock
        if net[node].mode == JIT:
            mine = wishes if net[node].group >= 0 else 0
            done = plan_jit(plant, out, scratch, node, n, mine, hints)
        else:
            count = load_receipts(plant, out, scratch, node)
            if net[node].mode == PHANTOM:
                done = net_phantom(plant, out, scratch, node, n, count, stock)
            else:
                done = net_lots(plant, out, scratch, node, n, count, stock)
        out.span[node].order_end = out.count[N_ORDERS]
        if not done:
            return
    if out.count[N_TROUBLES] > len(out.trouble):
        out.count[N_OVERFLOW] = 1 + N_TROUBLES
