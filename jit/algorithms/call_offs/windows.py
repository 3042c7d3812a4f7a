"""Cumulative, pack-rounded call-offs of one JIT node, window by window (rules 3-6, 20-25)."""

import numpy as np

from jit.algorithms.call_offs.existing import (
    FORCED,
    KEPT,
    call_status,
    emit_call,
    key_is_taken,
    small_change,
)
from jit.algorithms.call_offs.targets import next_window, supply_by, target_of
from jit.algorithms.compiled import hot, inner
from jit.algorithms.mrp.events import report
from jit.algorithms.mrp.lanes import better, earliest_arrival
from jit.algorithms.mrp.lots import shape_lot
from jit.algorithms.mrp.shapes import (
    DRAFT,
    FAR,
    NEAR,
    SENT,
    T_FROZEN_EXCESS,
    T_FROZEN_SHORT,
    T_LATE,
    T_UNCOVERED,
    TINY,
)
from jit.algorithms.mrp.worktime import work_back

NO_DAY = np.int64(1 << 40)


@inner
def open_lanes(plant, scratch, node):
    """Find for each source its first open window (rule 6); returns whether any source has a usable lane."""
    lanes, found = plant.lanes, False
    for s in range(plant.net[node].src_first, plant.net[node].src_end):
        scratch.lane[s].arrival, scratch.lane[s].window = FAR, 0
        if not lanes.src[s].usable:
            continue
        found = True
        _, scratch.lane[s].arrival = earliest_arrival(lanes, plant.days, s, plant.as_of)
        first = max(plant.as_of + plant.net[node].frozen, scratch.lane[s].arrival)
        lo, hi = lanes.grid_ptr[lanes.src[s].grid], lanes.grid_ptr[lanes.src[s].grid + 1]
        while lo < hi:
            middle = (lo + hi) // 2
            if lanes.win_end[middle] < first:
                lo = middle + 1
            else:
                hi = middle
        scratch.lane[s].window = lo
    return found


@hot
def pack_of(plant, node, source):
    """Return the lot multiple of a source: its pack, else the node's multiple, else the unit's step."""
    if plant.lanes.src[source].pack > 0:
        return plant.lanes.src[source].pack
    return plant.net[node].multiple if plant.net[node].multiple > 0 else plant.net[node].step


@hot
def low_of(plant, node, source):
    return plant.lanes.src[source].low if plant.lanes.src[source].low > 0 else plant.net[node].min_lot


@hot
def opens_on(plant, scratch, source, day):
    """Tell whether a source still has an open window on that day."""
    lanes, w = plant.lanes, scratch.lane[source].window
    if not lanes.src[source].usable or w >= lanes.grid_ptr[lanes.src[source].grid + 1]:
        return False
    return lanes.win_day[w] == day and lanes.win_end[w] < plant.horizon


@hot
def source_of_day(plant, out, scratch, node, day, first_call):
    """Choose the supplier of a day: who was told, else a draft within one lot, else by rating (rule 20)."""
    lanes = plant.lanes
    chosen, best = -1, 0.0
    for s in range(plant.net[node].src_first, plant.net[node].src_end):
        if opens_on(plant, scratch, s, day):
            rating = out.used[s] / lanes.src[s].quota
            if chosen < 0 or better(rating, best):
                chosen, best = s, rating
    draft = -1
    for x in range(first_call, plant.net[node].call_end):
        if plant.call[x].day > day:
            break
        s = plant.call[x].source
        if plant.call[x].day < day or not opens_on(plant, scratch, s, day):
            continue
        if plant.call[x].stage != DRAFT:
            return s
        if draft < 0:
            lot = max(pack_of(plant, node, s), low_of(plant, node, s))
            rating = out.used[s] / lanes.src[s].quota
            if rating <= best + lot / lanes.src[s].quota + NEAR * (1.0 + abs(best)):
                draft = s
    return draft if draft >= 0 else chosen


@inner
def report_start(plant, out, scratch, node, n, count, stock, hints):
    """Report what the frozen zone and the first reachable window cannot mend (rules 6, 23)."""
    lanes, net = plant.lanes, plant.net
    handling, frozen_end = net[node].handling, plant.as_of + net[node].frozen
    first, lane = plant.horizon, -1
    for s in range(plant.net[node].src_first, plant.net[node].src_end):
        w = scratch.lane[s].window
        if lanes.src[s].usable and w < lanes.grid_ptr[lanes.src[s].grid + 1] and lanes.win_end[w] < first:
            first, lane = lanes.win_end[w], s
    late = False
    if lane >= 0:
        w = scratch.lane[lane].window - 1
        if w >= lanes.grid_ptr[lanes.src[lane].grid] and lanes.win_end[w] >= plant.as_of:
            target, _ = target_of(plant, scratch, node, n, first, hints)
            missed = target - supply_by(scratch, count, stock, lanes.win_end[w] + handling)
            if missed > TINY:
                late = True
                report(out, node, T_LATE, -1, first, missed, first - lanes.win_end[w])
    pab, rp, minute, worst, j = stock, 0, FAR, 0.0, 0
    while j < n and scratch.ev[j].t < first + handling:
        t = scratch.ev[j].t
        while rp < count and scratch.fs[rp].t <= t:
            pab += scratch.fs[rp].q
            rp += 1
        while j < n and scratch.ev[j].t == t:
            pab -= scratch.ev[j].q
            j += 1
        if pab < -TINY:
            minute = min(minute, t)
            worst = max(worst, -pab)
    if minute < frozen_end:
        report(out, node, T_FROZEN_SHORT, -1, minute, worst, first + handling - minute)
    elif minute < FAR and not late:
        report(out, node, T_LATE, -1, minute, worst, first + handling - minute)
    for x in range(plant.net[node].call_end - 1, plant.net[node].call_first - 1, -1):
        end, s = plant.call[x].end, plant.call[x].source
        if end < frozen_end and plant.call[x].qty > TINY and call_status(plant, scratch, node, x) == KEPT:
            w = next_window(lanes, lanes.src[s].grid, end, 0) if lanes.src[s].grid >= 0 else -1
            t_next = plant.horizon
            if w >= 0 and w < lanes.grid_ptr[lanes.src[s].grid + 1]:
                t_next = lanes.win_end[w]
            target, _ = target_of(plant, scratch, node, n, t_next, hints)
            over = supply_by(scratch, count, stock, end + handling) - target
            if over > pack_of(plant, node, s) + TINY:
                report(out, node, T_FROZEN_EXCESS, -1, end, over, 0)
            break


@inner
def give_rest(plant, out, scratch, node, source, end, rest, first_call):
    """Hand what the maximum cut off to the next choices, in their latest window up to `end`.

    Returns: the quantity they took, -1 when the table is full.
    """
    lanes = plant.lanes
    taken = 0.0
    lo, hi = plant.net[node].src_first, plant.net[node].src_end
    for s in range(lo, hi):
        scratch.lane[s].tried = 0
    scratch.lane[source].tried = 1
    while rest - taken > TINY:
        chosen, best = -1, 0.0
        for s in range(lo, hi):
            if scratch.lane[s].tried == 0 and lanes.src[s].usable:
                rating = out.used[s] / lanes.src[s].quota
                if chosen < 0 or better(rating, best):
                    chosen, best = s, rating
        if chosen < 0:
            break
        scratch.lane[chosen].tried = 1
        grid = lanes.src[chosen].grid
        w = next_window(lanes, grid, end, lanes.grid_ptr[grid]) - 1
        first = max(plant.as_of + plant.net[node].frozen, scratch.lane[chosen].arrival)
        if w < lanes.grid_ptr[grid] or lanes.win_end[w] < first:
            continue
        t = lanes.win_end[w]
        if key_is_taken(plant, out, first_call, node, chosen, t) or is_live(plant, node, chosen, t):
            continue
        qty = shape_lot(
            rest - taken, low_of(plant, node, chosen), pack_of(plant, node, chosen), lanes.src[chosen].high
        )
        if not emit_call(plant, out, node, chosen, t, qty, t + plant.net[node].handling, -1, False):
            return -1.0
        out.used[chosen] += qty
        taken += qty
    return taken


@hot
def is_live(plant, node, source, end):
    """Tell whether a call of the last run holds this key (the calls of a node are sorted by window end)."""
    lo, hi = plant.net[node].call_first, plant.net[node].call_end
    while lo < hi:
        mid = (lo + hi) // 2
        if plant.call[mid].end < end:
            lo = mid + 1
        else:
            hi = mid
    while lo < plant.net[node].call_end and plant.call[lo].end == end:
        if plant.call[lo].source == source:
            return True
        lo += 1
    return False


@hot
def covered_until(plant, scratch, node, n, level, g):
    """Return (first drain that `level` does not reach, minute up to which a follower's target is met)."""
    net = plant.net
    while g < n and scratch.pre[g + 1] + net[node].safety <= level + TINY:
        g += 1
    if net[node].safety > level + TINY:
        return g, plant.as_of
    if g == n:
        return g, FAR
    return g, work_back(plant.days, net[node].calendar, scratch.ev[g].t, net[node].cover)


@hot
def skip_covered(plant, scratch, source, day, until):
    """Pass the windows of a day whose follower comes while everything is covered: nothing would be called."""
    lanes = plant.lanes
    last = lanes.grid_ptr[lanes.src[source].grid + 1] - 1
    w = scratch.lane[source].window
    while w < last and lanes.win_day[w] == day and lanes.win_end[w + 1] <= until:
        w += 1
    scratch.lane[source].window = w


@inner
def call_windows(plant, out, scratch, node, n, count, stock, first_call, hints):
    """Walk the days and windows of a JIT node and propose calls; False when a table is full.

    n drains stand in scratch.ev, their prefix sums in scratch.pre; count firm supplies in scratch.fs.
    """
    lanes, net = plant.lanes, plant.net
    handling, horizon = net[node].handling, plant.horizon
    s0, s1 = plant.net[node].src_first, plant.net[node].src_end
    x, x_end = plant.net[node].call_first, plant.net[node].call_end
    day_call = x
    report_start(plant, out, scratch, node, n, count, stock, hints)
    have, called, rp = stock, 0.0, 0
    cuts, seen, g, enough_until = False, -1.0, 0, np.int64(0)
    for s in range(s0, s1):
        cuts = cuts or lanes.src[s].high > 0
    enough = scratch.pre[n] + net[node].safety - TINY
    while True:
        while x < x_end and call_status(plant, scratch, node, x) == KEPT:
            x += 1
        day = NO_DAY
        if x == x_end and have + called >= enough:
            break
        for s in range(s0, s1):
            w = scratch.lane[s].window
            if (
                lanes.src[s].usable
                and w < lanes.grid_ptr[lanes.src[s].grid + 1]
                and lanes.win_end[w] < horizon
            ):
                day = min(day, lanes.win_day[w])
        if x < x_end:
            day = min(day, plant.call[x].day)
        if day == NO_DAY:
            break
        while day_call < x_end and plant.call[day_call].day < day:
            day_call += 1
        chosen = source_of_day(plant, out, scratch, node, day, day_call)
        while True:
            while x < x_end and call_status(plant, scratch, node, x) == KEPT:
                x += 1
            if x == x_end and chosen >= 0:
                if have + called != seen:
                    seen = have + called
                    g, enough_until = covered_until(plant, scratch, node, n, seen, g)
                skip_covered(plant, scratch, chosen, day, enough_until - handling)
            tw = (
                lanes.win_end[scratch.lane[chosen].window]
                if chosen >= 0 and opens_on(plant, scratch, chosen, day)
                else FAR
            )
            tx = plant.call[x].end if x < x_end and plant.call[x].day == day else FAR
            if tw == FAR and tx == FAR:
                break
            old = -1
            if tx < tw or (tx == tw and plant.call[x].source <= chosen):
                old, t, source = x, tx, plant.call[x].source
                x += 1
            else:
                t, source = tw, chosen
            if source == chosen and t == tw:
                scratch.lane[chosen].window += 1
            if old < 0 and x_end > plant.net[node].call_first and is_live(plant, node, source, t):
                continue
            if old < 0 and cuts and key_is_taken(plant, out, first_call, node, source, t):
                continue
            while rp < count and scratch.fs[rp].t <= t + handling:
                have += scratch.fs[rp].q
                rp += 1
            qty, rest = 0.0, 0.0
            if old >= 0 and call_status(plant, scratch, node, old) == FORCED:
                qty = plant.call[old].packed
            else:
                w = next_window(lanes, lanes.src[source].grid, t, scratch.lane[source].window)
                t_next = lanes.win_end[w] if w < lanes.grid_ptr[lanes.src[source].grid + 1] else horizon
                target, plain = target_of(plant, scratch, node, n, t_next, hints)
                short = target - have - called
                pack = pack_of(plant, node, source)
                if short > TINY:
                    qty = shape_lot(short, low_of(plant, node, source), pack, lanes.src[source].high)
                    rest = short - qty
                if old >= 0:
                    qty = max(qty, plant.call[old].packed)
                    if plant.call[old].stage == SENT and small_change(
                        qty, plant.call[old].qty, pack, have + called, target, plain
                    ):
                        qty = plant.call[old].qty
                        rest = 0.0
            if qty > 0 or old >= 0:
                if not emit_call(plant, out, node, source, t, qty, t + handling, old, False):
                    return False
                out.used[source] += qty
                called += qty
            if rest > TINY and lanes.src[source].high > 0:
                more = give_rest(plant, out, scratch, node, source, t, rest, first_call)
                if more < 0:
                    return False
                called += more
        for s in range(s0, s1):
            if lanes.src[s].usable:
                last = lanes.grid_ptr[lanes.src[s].grid + 1]
                while scratch.lane[s].window < last and lanes.win_day[scratch.lane[s].window] <= day:
                    scratch.lane[s].window += 1
    while rp < count:
        have += scratch.fs[rp].q
        rp += 1
    if scratch.pre[n] - have - called > TINY:
        minute = FAR
        for j in range(n):
            if scratch.pre[j + 1] > have + called + TINY:
                minute = scratch.ev[j].t
                break
        report(out, node, T_UNCOVERED, -1, minute, scratch.pre[n] - have - called, 0)
    return True
