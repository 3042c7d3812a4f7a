"""Which door a truck gets, when, and how many doors a dock needs."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DockVisit:
    """A truck wants to unload at a dock from `arrival` (minutes)."""

    truck: str
    dock: str
    arrival: int


@dataclass(frozen=True, slots=True)
class DockSlot:
    """Door `door` (1 = first) of a dock is the truck's in [start, end); `waits` = start - arrival."""

    truck: str
    dock: str
    door: int
    start: int
    end: int
    waits: int = 0


class _Door:
    """The busy times of one door, sorted and free of overlaps."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []

    def first_start(self, at: int, minutes: int) -> int:
        """Return the first minute from `at` on at which the door is free for `minutes`."""
        place = bisect_left(self.ends, at + 1)
        while place < len(self.starts) and self.starts[place] < at + minutes:
            at = max(at, self.ends[place])
            place += 1
        return at

    def take(self, start: int, end: int) -> None:
        place = bisect_left(self.starts, start)
        self.starts.insert(place, start)
        self.ends.insert(place, end)


def slots_assign(
    visits: Iterable[DockVisit],
    doors: Mapping[str, int],
    *,
    minutes: int = 60,
    taken: Iterable[DockSlot] = (),
) -> list[DockSlot]:
    """Give every visit its dock's first free door for `minutes`; when none is free it waits for one.

    Args:
        visits: one per (truck, dock); served by (arrival, truck).
        doors: number of doors of each dock named in the visits, >= 1.
        minutes: how long one visit holds a door, > 0.
        taken: slots that others hold already.

    Returns: one slot per visit, sorted by (dock, arrival, truck).
    Raises: ValueError on a repeated visit, a dock without doors or minutes <= 0.
    """
    if minutes <= 0:
        raise ValueError("a slot needs at least one minute")
    by_dock = _visits_by_dock(visits)
    busy: dict[str, list[_Door]] = {}
    for dock in by_dock:
        if doors.get(dock, 0) < 1:
            raise ValueError(f"dock {dock} has no doors")
        busy[dock] = [_Door() for _ in range(doors[dock])]
    for slot in taken:
        if slot.dock in busy and slot.door <= len(busy[slot.dock]):
            busy[slot.dock][slot.door - 1].take(slot.start, slot.end)
    slots = []
    for dock in sorted(by_dock):
        for visit in by_dock[dock]:
            starts = [door.first_start(visit.arrival, minutes) for door in busy[dock]]
            start = min(starts)
            place = starts.index(start)
            busy[dock][place].take(start, start + minutes)
            slots.append(
                DockSlot(visit.truck, dock, place + 1, start, start + minutes, start - visit.arrival)
            )
    return slots


def doors_needed(visits: Iterable[DockVisit], *, minutes: int = 60) -> dict[str, int]:
    """Return for each dock the fewest doors with which no truck waits (the most trucks at once)."""
    needed = {}
    for dock, queue in _visits_by_dock(visits).items():
        # An end counts before a start at the same minute: the slot is [start, end).
        steps = sorted([(v.arrival, 1) for v in queue] + [(v.arrival + minutes, -1) for v in queue])
        at_once = most = 0
        for _minute, change in steps:
            at_once += change
            most = max(most, at_once)
        needed[dock] = most
    return needed


def _visits_by_dock(visits: Iterable[DockVisit]) -> dict[str, Sequence[DockVisit]]:
    by_dock: dict[str, list[DockVisit]] = defaultdict(list)
    for visit in visits:
        by_dock[visit.dock].append(visit)
    for dock, queue in by_dock.items():
        if len({visit.truck for visit in queue}) != len(queue):
            raise ValueError(f"a truck visits dock {dock} twice")
        queue.sort(key=lambda visit: (visit.arrival, visit.truck))
    return dict(by_dock)
