"""All requirements of one node, pulled from its demands and its parents' orders, in need order."""

import numpy as np

from jit.algorithms.compiled import hot, inner
from jit.algorithms.mrp.shapes import F_PAST_DUE, K_TRANSFER, N_OVERFLOW, N_REQS
from jit.algorithms.mrp.worktime import next_open, worked

#: Bits of a sort key that hold the position inside the node.
POSITION = 26
MASK = (1 << POSITION) - 1


@hot
def put(scratch, m, as_of, due, qty, ref, line, prio):
    """Append one requirement to the scratch; the caller has checked the room."""
    scratch.key[m] = ((max(due, as_of) - as_of) << POSITION) | m
    scratch.item[m].due = due
    scratch.item[m].qty = qty
    scratch.item[m].ref = ref
    scratch.item[m].line = line
    scratch.item[m].prio = prio


@inner
def cut_intervals(
    iv, row, last_row, as_of, scratch, m, window, begin, end, share, since, before, ref, line, prio
):
    """Append the slices of [begin, end) by walking its open intervals once; returns the new m, -1 = full."""
    room = len(scratch.key) - 1
    edge, due, open_ = begin, begin, np.int64(0)
    while row <= last_row:
        a, stop = max(iv[row].start, begin), min(iv[row].end, end)
        row += 1
        while a < stop:
            if a >= edge:
                if open_ > 0 and since <= due < before:
                    if m >= room:
                        return -1
                    put(scratch, m, as_of, due, share * open_, ref, line, prio)
                    m += 1
                due, open_ = a, np.int64(0)
                edge += window
                if a >= edge:  # whole slices without an open minute
                    edge += ((a - edge) // window + 1) * window
            b = min(stop, edge)
            open_ += b - a
            a = b
    if open_ > 0 and since <= due < before:
        if m >= room:
            return -1
        put(scratch, m, as_of, due, share * open_, ref, line, prio)
        m += 1
    return m


@hot
def put_slices(days, as_of, scratch, m, window, calendar, begin, end, qty, since, before, ref, line, prio):
    """Append the slices of an even consumption over the open minutes of [begin, end) (rule 1).

    Slices start every `window` minutes from `begin`; each falls due at its first open minute. A slice is left
    out when the BOM revision is not the one of that minute. Returns the new m, -1 = scratch full.
    """
    if end - begin <= window:
        due = next_open(days, calendar, begin)
        if due >= end:
            due = begin
        if since <= due < before:
            put(scratch, m, as_of, due, qty, ref, line, prio)
            m += 1
        return m
    first, row = worked(days, calendar, begin)
    last, last_row = worked(days, calendar, end)
    if calendar >= 0:
        lo, hi = days.cal[calendar].first, days.cal[calendar].end
        if lo >= hi - 1 or begin < days.iv[lo].start or end > days.iv[hi - 1].end:
            last_row = row  # outside the rows: the general way
    if last <= first:
        if since <= begin < before:
            put(scratch, m, as_of, begin, qty, ref, line, prio)
            m += 1
        return m
    share = qty / (last - first)
    room = len(scratch.key) - 1
    if calendar >= 0 and last_row > row:
        return cut_intervals(
            days.iv, row, last_row, as_of, scratch, m, window, begin, end, share, since, before, ref, line,
            prio,
        )  # fmt: skip
    a = begin
    while a < end:
        b = min(a + window, end)
        upto, _ = worked(days, calendar, b)
        if upto > first:
            due = next_open(days, calendar, a)
            if since <= due < before:
                if m >= room:
                    return -1
                put(scratch, m, as_of, due, share * (upto - first), ref, line, prio)
                m += 1
            first = upto
            a = b
        else:
            opens = next_open(days, calendar, a)
            a += max(np.int64(1), (opens - a) // window) * window
    return m


@hot
def pull_orders(plant, out, scratch, m, node, u, first, last):
    """Append what where-used row `u` draws for the orders first..last of its parent; -1 = scratch full."""
    coef, fixed, offset = plant.use[u].coef, plant.use[u].fixed, plant.use[u].offset
    since, before, line = plant.use[u].since, plant.use[u].before, np.int64(plant.use[u].line)
    timed = plant.use[u].timed != 0
    window = plant.net[node].window
    room = len(scratch.key) - 2
    works = len(plant.work_cal)
    begin = m
    for o in range(first, last):
        if m >= room:
            return -1
        qty = out.feed[o].qty * coef
        op, finish, start = out.feed[o].op, out.feed[o].finish, out.feed[o].op - out.feed[o].lead
        if offset == 0 and finish > op and (o < works or timed):
            if fixed > 0 and since <= start < before:
                put(scratch, m, plant.as_of, op, fixed, o, line, out.feed[o].prio)
                m += 1
            if qty > 0:
                if o >= works and finish - op <= window and not out.feed[o].mark & F_PAST_DUE:
                    if since <= op < before:
                        put(scratch, m, plant.as_of, op, qty, o, line, out.feed[o].prio)
                        m += 1
                    continue
                calendar = plant.work_cal[o] if o < works else np.int64(plant.use[u].calendar)
                m = put_slices(
                    plant.days, plant.as_of, scratch, m, window, calendar, op, finish, qty, since, before,
                    o, line, out.feed[o].prio,
                )  # fmt: skip
                if m < 0:
                    return -1
        elif since <= start < before and qty + fixed > 0:
            put(scratch, m, plant.as_of, op + offset, qty + fixed, o, line, out.feed[o].prio)
            m += 1
    tidy(scratch.key, begin, m)
    return m


@hot
def tidy(key, first, m):
    """Sort the keys of one parent by insertion, as long as they are nearly sorted (runs that cross a
    night).
    """
    budget, last = 8 * (m - first), np.int64(-1)
    for i in range(first, m):
        mine = key[i]
        if mine >= last:
            last = mine
            continue
        j = i
        while j > first and key[j - 1] > mine:
            key[j] = key[j - 1]
            j -= 1
        key[j] = mine
        budget -= i - j
        if budget < 0:
            return


@hot
def merge_pair(source, target, lo, mid, hi):
    """Merge source[lo:mid] and source[mid:hi] into target[lo:hi]; keys differ, so the smaller one is selected
    without a branch (which way it goes cannot be foretold, and a wrong guess costs more than the rest).

    From both ends at once: neither waits for the other. Unsigned rows need no look at negative ones.
    """
    one = np.uint64(1)
    a, a_end, b, b_end = np.uint64(lo), np.uint64(mid), np.uint64(mid), np.uint64(hi)
    i, k = a, b_end
    while a + one < a_end and b + one < b_end:
        left, right = source[a], source[b]
        target[i] = min(left, right)
        step = np.uint64(left < right)
        a += step
        b += one - step
        i += one
        left, right = source[a_end - one], source[b_end - one]
        k -= one
        target[k] = max(left, right)
        step = np.uint64(left > right)
        a_end -= step
        b_end -= one - step
    while a < a_end and b < b_end:
        left, right = source[a], source[b]
        target[i] = min(left, right)
        step = np.uint64(left < right)
        a += step
        b += one - step
        i += one
    while a < a_end:
        target[i] = source[a]
        a += one
        i += one
    while b < b_end:
        target[i] = source[b]
        b += one
        i += one


@hot
def merge_round(source, target, runs, n, m):
    """Merge neighbouring runs of source pairwise into target; returns how many runs are left."""
    k = 0
    for r in range(0, n, 2):
        lo = runs[r]
        mid = runs[r + 1] if r + 1 <= n else m
        hi = runs[r + 2] if r + 2 <= n else m
        merge_pair(source, target, lo, mid, hi)
        runs[k] = lo
        k += 1
    runs[k] = m
    return k


@hot
def sort_keys(scratch, m):
    """Sort the first m keys by merging their natural runs; returns 1 if they end up in scratch.spare,
    else 0.
    """
    n, last = 0, np.int64(1) << 62
    for i in range(m):
        if scratch.key[i] < last:
            scratch.runs[n] = i
            n += 1
        last = scratch.key[i]
    scratch.runs[n] = m
    side = 0
    while n > 1:
        if side == 0:
            n = merge_round(scratch.key, scratch.spare, scratch.runs, n, m)
        else:
            n = merge_round(scratch.spare, scratch.key, scratch.runs, n, m)
        side = 1 - side
    return side


@inner
def gather(plant, out, scratch, node):
    """Write the node's requirements to `out`, sorted by need; returns False when a table is full."""
    m = plant.net[node].dem_end - plant.net[node].dem_first
    if m >= len(scratch.key) - 2:
        out.count[N_OVERFLOW] = 5
        return False
    m = 0
    for d in range(plant.net[node].dem_first, plant.net[node].dem_end):
        row = plant.dem[d]
        put(scratch, m, plant.as_of, row.due, row.qty, row.ref, -1, row.prio)
        m += 1
    for u in range(plant.net[node].use_first, plant.net[node].use_end):
        parent = plant.use[u].parent
        for planned in range(0 if len(plant.work_cal) > 0 else 1, 2):
            if planned:
                first, last = out.span[parent].order_first, out.span[parent].order_end
            else:
                first, last = plant.net[parent].work_first, plant.net[parent].work_end
            m = pull_orders(plant, out, scratch, m, node, u, first, last)
            if m < 0:
                out.count[N_OVERFLOW] = 5
                return False
    for a in range(plant.net[node].area_first, plant.net[node].area_end):
        area = plant.area[a]
        for o in range(out.span[area].order_first, out.span[area].order_end):
            if out.order[o].kind != K_TRANSFER:
                continue
            if m >= len(scratch.key) - 2:
                out.count[N_OVERFLOW] = 5
                return False
            put(scratch, m, plant.as_of, out.order[o].start, out.order[o].qty, o, -2, out.order[o].prio)
            m += 1
    at = out.count[N_REQS]
    if at + m > len(out.req):
        out.count[N_OVERFLOW] = 1 + N_REQS
        return False
    side = sort_keys(scratch, m)
    for i in range(m):
        j = (scratch.spare[i] if side else scratch.key[i]) & MASK
        out.req[at + i] = scratch.item[j]
    out.span[node].req_first = at
    out.span[node].req_end = at + m
    out.count[N_REQS] = at + m
    return True
