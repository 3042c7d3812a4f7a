"""Which planned truck carries which package, and how many extra trucks it takes.

Source: `pull.md`, "The real inbound data": needs with the fewest candidate trucks first, whole packages up to
the truck's weight, the rest on copies of the need's latest candidate, which a person has to approve.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

#: No planned truck visits the lane inside the window.
NO_TRUCK = "NO_TRUCK"
#: One single package weighs more than any candidate truck may carry.
TOO_HEAVY = "TOO_HEAVY"


@dataclass(frozen=True, slots=True)
class LoadNeed:
    """Packages of one kind that must arrive on one lane inside [earliest, latest]; times in minutes."""

    ident: str
    lane: Hashable
    packages: int
    package_grams: int
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Truck:
    """A truck that arrives at one minute, carries up to `max_grams` and may serve some lanes."""

    ident: str
    arrival: int
    max_grams: int
    lanes: frozenset[Hashable]


@dataclass(frozen=True, slots=True)
class LoadLine:
    """So many packages of one need ride on one truck."""

    need: str
    truck: str
    packages: int


@dataclass(frozen=True, slots=True)
class ExtraTruck:
    """A copy of a planned truck; an exception to approve."""

    ident: str
    copy_of: str
    arrival: int
    max_grams: int


@dataclass(frozen=True, slots=True)
class UncoveredLoad:
    """Packages no truck can bring, with the reason `NO_TRUCK` or `TOO_HEAVY`."""

    need: str
    packages: int
    reason: str


@dataclass(slots=True)
class LoadPlan:
    """What rides where. `too_heavy_for_one` counts needs that outweigh every candidate truck as a whole."""

    lines: list[LoadLine] = field(default_factory=list)
    extra_trucks: list[ExtraTruck] = field(default_factory=list)
    uncovered: list[UncoveredLoad] = field(default_factory=list)
    too_heavy_for_one: int = 0


def trucks_load(needs: Iterable[LoadNeed], trucks: Sequence[Truck]) -> LoadPlan:
    """Spread the needs over the trucks, splitting them by whole packages.

    Order: needs by (number of candidate trucks, latest, ident). Candidates of a need visit its lane and
    arrive in its window (both ends included), latest arrival first, then truck ident. What does not fit
    rides on extra trucks: copies of the latest candidate, filled one after the other and shared by all
    needs that have it as their latest candidate. A copy is named `<ident>+1`, `<ident>+2`, ...

    Raises: ValueError on a repeated ident, or packages, grams or windows out of range.
    """
    needs, by_lane = list(needs), _trucks_by_lane(trucks)
    _needs_check(needs)
    queue = []
    for need in needs:
        candidates = [t for t in by_lane.get(need.lane, ()) if need.earliest <= t.arrival <= need.latest]
        queue.append((len(candidates), need.latest, need.ident, need, candidates))
    queue.sort(key=lambda entry: entry[:3])

    plan = LoadPlan()
    free = {truck.ident: truck.max_grams for truck in trucks}
    copies: dict[str, list[ExtraTruck]] = defaultdict(list)
    for _count, _latest, _ident, need, candidates in queue:
        if not candidates:
            plan.uncovered.append(UncoveredLoad(need.ident, need.packages, NO_TRUCK))
            continue
        if need.packages * need.package_grams > max(truck.max_grams for truck in candidates):
            plan.too_heavy_for_one += 1
        rest = _fill(plan, need, need.packages, [truck.ident for truck in candidates], free)
        if rest:
            _extra_fill(plan, need, rest, candidates, copies, free)
    return plan


def _extra_fill(
    plan: LoadPlan,
    need: LoadNeed,
    rest: int,
    candidates: Sequence[Truck],
    copies: dict[str, list[ExtraTruck]],
    free: dict[str, int],
) -> None:
    """Put the rest on copies of the latest candidate that can lift one package."""
    model = next((truck for truck in candidates if truck.max_grams >= need.package_grams), None)
    if model is None:
        plan.uncovered.append(UncoveredLoad(need.ident, rest, TOO_HEAVY))
        return
    own = copies[model.ident]
    rest = _fill(plan, need, rest, [extra.ident for extra in own], free)
    while rest:
        extra = ExtraTruck(f"{model.ident}+{len(own) + 1}", model.ident, model.arrival, model.max_grams)
        own.append(extra)
        plan.extra_trucks.append(extra)
        free[extra.ident] = extra.max_grams
        rest = _fill(plan, need, rest, [extra.ident], free)


def _fill(plan: LoadPlan, need: LoadNeed, rest: int, idents: Iterable[str], free: dict[str, int]) -> int:
    """Load whole packages in the given order; return how many are left over."""
    for ident in idents:
        fits = min(rest, free[ident] // need.package_grams)
        if fits:
            plan.lines.append(LoadLine(need.ident, ident, fits))
            free[ident] -= fits * need.package_grams
            rest -= fits
        if not rest:
            break
    return rest


def _trucks_by_lane(trucks: Sequence[Truck]) -> Mapping[Hashable, list[Truck]]:
    if len({truck.ident for truck in trucks}) != len(trucks):
        raise ValueError("two trucks share an ident")
    by_lane: dict[Hashable, list[Truck]] = defaultdict(list)
    for truck in sorted(trucks, key=lambda truck: (-truck.arrival, truck.ident)):
        for lane in truck.lanes:
            by_lane[lane].append(truck)
    return by_lane


def _needs_check(needs: Sequence[LoadNeed]) -> None:
    if len({need.ident for need in needs}) != len(needs):
        raise ValueError("two needs share an ident")
    for need in needs:
        if need.packages <= 0 or need.package_grams <= 0 or need.earliest > need.latest:
            raise ValueError(f"need {need.ident}: packages and grams must be > 0 and earliest <= latest")
