"""One planned order: when it starts, what it is in the past, which revision it misses (rules 7, 8, 18)."""

from jit.algorithms.compiled import hot
from jit.algorithms.mrp.events import report
from jit.algorithms.mrp.lanes import earliest_arrival, latest_departure, prepare_back
from jit.algorithms.mrp.shapes import (
    BUY,
    F_BLOCKED,
    F_NO_BOM,
    F_PAST_DUE,
    K_BUY,
    K_MAKE,
    K_PASS,
    K_TRANSFER,
    MAKE,
    N_ORDERS,
    NEAR,
    PHANTOM,
    T_NO_BOM,
    T_NO_SOURCE,
    T_PAST_DUE,
    TRANSFER,
)
from jit.algorithms.mrp.worktime import work_add, work_back


@hot
def has_revision(plant, node, t):
    """Tell whether a BOM revision of the node is really valid at t (not only borrowed)."""
    for v in range(plant.net[node].rev_first, plant.net[node].rev_end):
        if plant.rev[v].since <= t < plant.rev[v].until:
            return True
    return False


@hot
def run_minutes(rate, lot):
    """Return the whole working minutes a run of `lot` start units takes."""
    exact = rate * lot
    whole = int(exact)
    return whole if exact - whole <= NEAR * max(1.0, exact) else whole + 1


@hot
def add_order(plant, out, node, mode, source, need, lot, prio):
    """Append an order of `lot` START units, good at `need`; the caller has checked the room."""
    net, days, as_of = plant.net, plant.days, plant.as_of
    at = out.count[N_ORDERS]
    arrive = need - net[node].handling
    start, op, finish, flags, kind = arrive, arrive, arrive, 0, K_PASS
    if mode == MAKE:
        kind = K_MAKE
        calendar = net[node].calendar
        run = run_minutes(net[node].run, lot)
        op = work_back(days, calendar, arrive, run)
        start = work_back(days, calendar, op, net[node].lead)
        if run == 0:
            op = start
        if start < as_of:
            flags |= F_PAST_DUE
            finish = work_add(days, calendar, as_of, net[node].lead + run)
    elif mode == BUY:
        kind = K_BUY
        if source < 0:
            flags |= F_BLOCKED
        else:
            op = latest_departure(plant.lanes, days, source, arrive)
            start = prepare_back(plant.lanes, days, source, op)
            if start < as_of:
                flags |= F_PAST_DUE
                op, finish = earliest_arrival(plant.lanes, days, source, as_of)
    elif mode == TRANSFER:
        kind = K_TRANSFER
        start = arrive - net[node].store_lead
        op = start
        if start < as_of:
            flags |= F_PAST_DUE
            finish = as_of + net[node].store_lead
    else:
        start, op, finish = need, need, need
    avail = need
    if flags & F_PAST_DUE:
        report(out, node, T_PAST_DUE, at, need, lot, as_of - start)
        start = as_of
        avail = finish + net[node].handling
        if mode != BUY:
            op = as_of
    if flags & F_BLOCKED:
        report(out, node, T_NO_SOURCE, at, need, lot, 0)
    if mode in (MAKE, PHANTOM) and not has_revision(plant, node, start):
        flags |= F_NO_BOM
        report(out, node, T_NO_BOM, at, start, lot, 0)
    out.order[at].node = node
    out.order[at].kind = kind
    out.order[at].source = source
    out.order[at].need = need
    out.order[at].start = start
    out.order[at].op = op
    out.order[at].finish = finish
    out.order[at].avail = avail
    out.order[at].qty = lot
    out.order[at].good = lot * net[node].yield_
    out.order[at].prio = prio
    out.order[at].mark = flags
    if net[node].rev_first < net[node].rev_end:
        out.feed[at].op = op
        out.feed[at].finish = finish
        out.feed[at].qty = lot
        out.feed[at].lead = op - start
        out.feed[at].prio = prio
        out.feed[at].mark = flags
    out.count[N_ORDERS] = at + 1
