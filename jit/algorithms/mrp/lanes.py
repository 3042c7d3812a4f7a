"""Suppliers: quota rating (rule 20), and time from the need back to the start of preparation (rule 7)."""

from jit.algorithms.compiled import hot, inner
from jit.algorithms.mrp.shapes import NEAR
from jit.algorithms.mrp.worktime import ship_after, ship_before, work_add, work_back


@hot
def better(rating, best):
    """Tell whether a rating is really lower: equal ones go by agreement number."""
    return rating < best - NEAR * (1.0 + abs(best))


@hot
def choose_source(plant, used, node):
    """Return the usable source with the lowest rating used / quota, -1 if there is none."""
    lanes, chosen, best = plant.lanes, -1, 0.0
    for s in range(plant.net[node].src_first, plant.net[node].src_end):
        if lanes.src[s].usable:
            rating = used[s] / lanes.src[s].quota
            if chosen < 0 or better(rating, best):
                chosen, best = s, rating
    return chosen


@inner
def transit_from(lanes, source, departure):
    """Return the transit minutes of a truck that leaves at `departure`."""
    table = lanes.src[source].transit
    if table < 0 or lanes.table_ptr[table] == lanes.table_ptr[table + 1]:
        return lanes.src[source].transit_min
    row = lanes.table_ptr[table]
    while row + 1 < lanes.table_ptr[table + 1] and lanes.table_start[row + 1] <= departure:
        row += 1
    return lanes.table_min[row]


@hot
def latest_departure(lanes, days, source, arrival):
    """Return the latest shipping minute d with d + transit(d) <= arrival."""
    table, calendar = lanes.src[source].transit, lanes.src[source].ship_cal
    if table < 0 or lanes.table_ptr[table] == lanes.table_ptr[table + 1]:
        return ship_before(days, calendar, arrival - lanes.src[source].transit_min)
    first, row = lanes.table_ptr[table], lanes.table_ptr[table + 1] - 1
    while row > first and lanes.table_start[row] > arrival:
        row -= 1
    latest = arrival
    while True:
        d = min(latest, arrival - lanes.table_min[row])
        if row == first:
            return ship_before(days, calendar, d)
        if d >= lanes.table_start[row]:
            d = ship_before(days, calendar, d)
            if d >= lanes.table_start[row]:
                return d
        latest = lanes.table_start[row] - 1
        row -= 1


@inner
def earliest_arrival(lanes, days, source, as_of):
    """Return (ship, arrival) of an order whose preparation starts at as_of."""
    ready = work_add(days, lanes.src[source].prod_cal, as_of, lanes.src[source].prep)
    ship = ship_after(days, lanes.src[source].ship_cal, ready)
    return ship, ship + transit_from(lanes, source, ship)


@hot
def prepare_back(lanes, days, source, ship):
    """Return the start of preparation for a truck that leaves at `ship`."""
    return work_back(days, lanes.src[source].prod_cal, ship, lanes.src[source].prep)
