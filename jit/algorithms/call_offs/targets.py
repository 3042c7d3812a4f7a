"""How much must have arrived by a window, and what is there already (rules 3, 12, 22)."""

from jit.algorithms.compiled import hot, inner
from jit.algorithms.mrp.worktime import work_add


@hot
def count_before(ev, n, x, hint):
    """Return how many of the n drains fall before minute x (strict, rule 2); fast when `hint` is near."""
    i = min(hint, n)
    while i < n and ev[i].t < x:
        i += 1
    while i > 0 and ev[i - 1].t >= x:
        i -= 1
    return i


@hot
def next_window(lanes, grid, t, hint):
    """Return the row of the first window of a grid that ends after t; the grid's end if there is none."""
    lo, hi = lanes.grid_ptr[grid], lanes.grid_ptr[grid + 1]
    i = min(max(hint, lo), hi)
    while i < hi and lanes.win_end[i] <= t:
        i += 1
    while i > lo and lanes.win_end[i - 1] > t:
        i -= 1
    return i


@hot
def target_of(plant, scratch, node, n, t_next, hints):
    """Return (cumulative target of a window whose follower ends at t_next, consumption up to that follower).

    hints: [0] drains before the follower, [1] drains before its cover.
    """
    net, horizon = plant.net, plant.horizon
    x = t_next + net[node].handling
    if x >= horizon:
        hints[0], hints[1] = n, n
        return scratch.pre[n] + net[node].safety, scratch.pre[n]
    hints[0] = count_before(scratch.ev, n, x, hints[0])
    plain = scratch.pre[hints[0]]
    target = plain + net[node].safety
    if net[node].cover > 0:
        upto = work_add(plant.days, net[node].calendar, x, net[node].cover)
        hints[1] = count_before(scratch.ev, n, min(upto, horizon), max(hints[1], hints[0]))
        target = max(target, scratch.pre[hints[1]])
    return target, plain


@inner
def supply_by(scratch, count, stock, t):
    """Return stock plus firm supply available at or before t."""
    total = stock
    for i in range(count):
        if scratch.fs[i].t > t:
            break
        total += scratch.fs[i].q
    return total
