"""Fixture F0 of the requirements: product A at 60/h, part X two per A, hourly dock windows 09-15 h."""

import numpy as np

from jit.algorithms.mrp.model import (
    Calendars,
    Calls,
    Lines,
    Lots,
    Mode,
    Nodes,
    PlanInput,
    Revisions,
    Sources,
    Stage,
    Windows,
    Works,
)
from jit.algorithms.mrp.run import plan

DAY = 20_000
A, X = 0, 1


def hour(h: float, day: int = 0) -> int:
    """Return the minute of an hour of the fixture's day (UTC stands for the plant's wall time)."""
    return (DAY + day) * 1440 + round(h * 60)


def f0(as_of, *, calls=(), stock=200.0, rate=lambda h: 1.0, days=1, first_hour=8, **columns):
    """Build F0 as of a minute; calls = (hour, quantity, stage); rate = factor on the demand of an hour."""
    hours = [(d, h) for d in range(days) for h in range(8, 16) if (d, h) >= (0, first_hour)]
    windows = [hour(h, d) for d in range(days) for h in range(9, 16)]
    work = {"key": [f"WO-{d}-{h:02}" for d, h in hours], "node": [A] * len(hours)}
    work |= {"start": [hour(h, d) for d, h in hours], "until": [hour(h + 1, d) for d, h in hours]}
    work |= {"qty": [60.0 * rate(h) for _, h in hours], "calendar": [0] * len(hours)}
    tables = {
        "as_of": as_of,
        "horizon": hour(16, days - 1),
        "nodes": Nodes(
            key=["A|P|", "X|P|L1"],
            mode=[Mode.MAKE, Mode.JIT],
            window_min=[480, 60],
            cover_min=[0, 60],
            frozen_min=[0, 240],
            calendar=[0, 0],
        ),
        "revisions": Revisions(key=["A/1"], node=[A]),
        "lines": Lines(key=["A/1/10"], revision=[0], component=[X], qty_per=[2.0], scrap=[0.02]),
        "works": Works(**work),
        "lots": Lots(key=["L"], node=[X], qty=[stock]),
        "sources": Sources(
            key=["AG1"],
            node=[X],
            pack=[50.0],
            transit_min=[60],
            prep_min=[60],
            ship_calendar=[1],
            prod_calendar=[1],
            grid=[0],
        ),
        "calendars": Calendars(
            calendar=[0] * days + [1] * (days + 1),
            start=[hour(8, d) for d in range(days)] + [hour(7, d) for d in range(-1, days)],
            end=[hour(16, d) for d in range(days)] + [hour(16, d) for d in range(-1, days)],
        ),
        "windows": Windows(
            grid=[0] * len(windows), end=windows, day=[DAY + d for d in range(days) for _ in range(9, 16)]
        ),
    }
    if calls:
        tables["calls"] = Calls(
            key=[f"C{h}" for h, _, _ in calls],
            node=[X] * len(calls),
            source=[0] * len(calls),
            end=[hour(h) for h, _, _ in calls],
            qty=[q for _, q, _ in calls],
            stage=[s for *_, s in calls],
        )
    return PlanInput(**tables | columns)


#: 09-11 h were told to the supplier the day before.
MORNING = ((9, 200.0, Stage.SENT), (10, 100.0, Stage.SENT), (11, 150.0, Stage.SENT))


def quantities(data: PlanInput, hours=range(9, 16), day: int = 0) -> list[float]:
    """Return the call quantity of each hour's window, 0 where there is none."""
    calls = plan(data).calls
    known = dict(zip(calls.end.tolist(), np.round(calls.qty, 6).tolist(), strict=True))
    return [known.get(hour(h, day), 0.0) for h in hours]


def troubles(result) -> list[int]:
    """Return the kinds of exceptions, sorted."""
    return sorted(result.exceptions.kind.tolist())
