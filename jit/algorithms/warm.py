"""Compile the planner before anybody waits for it: `python -m jit.algorithms.warm`.

numba compiles a kernel with all it calls when it is first used; a plan of two items is enough. The result
is cached on disk (`compiled.py`), so a second start loads it in a moment.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from jit.algorithms.mrp.model import Demands, Lines, Mode, Nodes, PlanInput, Revisions
from jit.algorithms.mrp.pegs import PegReader
from jit.algorithms.mrp.run import plan
from jit.algorithms.nettings import Causes, Needs, Supplies, nettings


@cache
def warm() -> int:
    """Run a plan of two items and read its pegs; returns the number of orders it made (2)."""
    text = np.dtypes.StringDType()
    given = PlanInput(
        as_of=0,
        horizon=100_000,
        nodes=Nodes(key=np.array(["A||", "B||"], text), mode=np.array([Mode.MAKE, Mode.BUY])),
        revisions=Revisions(key=np.array(["A|1"], text), node=np.array([0])),
        lines=Lines(
            key=np.array(["A|1|1"], text),
            revision=np.array([0]),
            component=np.array([1]),
            qty_per=np.array([2.0]),
        ),
        demands=Demands(
            key=np.array(["D"], text), node=np.array([0]), due=np.array([50_000]), qty=np.array([10.0])
        ),
    )
    result = plan(given)
    PegReader(result).node(0)
    none = np.zeros(1, np.int64)
    needs, supplies = Needs(*[none] * 7), Supplies(*[none] * 7)
    nettings(needs, needs, Causes(*[none] * 4), supplies, 4, [b""], np.zeros((1, 2), "u8"))
    return len(result.orders.qty)


if __name__ == "__main__":
    warm()
