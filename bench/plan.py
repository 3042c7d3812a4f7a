"""How fast the pull run plans, as a multiple of a bare bucket kernel in the same process.

    python -m bench.plan [--items 1000 10000] [--horizon 90d 336h] [--repeat 5]

CPU seconds of this thread; `core` = kernel + all pegs, `prepare` = sorting the tables for it (numpy).
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bench.bucket import bucket_input, bucket_plan
from bench.plants import plant_of, shape_of
from jit.algorithms.mrp.canonical import canonical
from jit.algorithms.mrp.hashing import input_hash
from jit.algorithms.mrp.pegs import book_of, peg_book
from jit.algorithms.mrp.prepare import prepare
from jit.algorithms.mrp.run import plan, read_out, run_core
from jit.algorithms.mrp.shapes import N_ORDERS, N_REQS

#: horizon → (days, minutes of a bucket)
HORIZONS = {"90d": (90, 1440), "336h": (14, 60)}
#: (items, horizon) → the highest multiple of the bare kernel we accept; others 10.
GOALS = {(1_000, "90d"): 15.0, (10_000, "90d"): 15.0}
GOAL_NS = 130.0
#: More sections, each prints its own lines: the planning room adds load + plan + store here.
SECTIONS: list[Callable[[argparse.Namespace], bool]] = []


def best_of(repeat: int, work: Callable[[], object]) -> tuple[float, object]:
    """Return the least CPU seconds of this thread over some calls, and the last answer."""
    least, answer = float("inf"), None
    for _ in range(repeat):
        begin = time.thread_time()
        answer = work()
        least = min(least, time.thread_time() - begin)
    return least, answer


def measure(items: int, horizon: str, repeat: int) -> bool:
    """Plan one plant both ways and print a line; returns whether the goals are met."""
    days, minutes = HORIZONS[horizon]
    shape = shape_of(items, days)
    data = canonical(plant_of(shape)).input
    bare_input = bucket_input(shape, minutes)
    bare, bare_orders = best_of(repeat + 2, lambda: bucket_plan(*bare_input))
    preparing, prepared = best_of(max(1, repeat // 2), lambda: prepare(data))
    out = run_core(data, prepared)  # a planner process is warm: its tables are already mapped
    kernel, out = best_of(repeat, lambda: run_core(data, prepared, out))
    with ThreadPoolExecutor(1) as beside:
        hashing = beside.submit(input_hash, data)
        result = read_out(data, canonical(data), prepared, out, hashing, beside)
    book, nodes = book_of(result), np.arange(items)
    pegs = peg_book(book, nodes)
    pegging, pegs = best_of(repeat, lambda: peg_book(book, nodes, pegs))
    core = kernel + pegging
    requirements = int(out.count[N_REQS])
    ratio, ns = core / bare, core / requirements * 1e9
    good = ratio <= GOALS.get((items, horizon), 10.0) and ns <= GOAL_NS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    parts = (
        f"{items:>7,} x {horizon:<4} bare {bare * 1e3:8.2f} ms {bare_orders:>9,} orders",
        f"core {core * 1e3:8.1f} ms (kernel {kernel * 1e3:.1f}, pegs {pegging * 1e3:.1f})",
        f"prepare {preparing * 1e3:.1f} ms",
        f"{int(out.count[N_ORDERS]):>9,} orders {len(result.calls.qty):>9,} calls",
        f"{requirements:>10,} requirements {len(pegs.qty):>10,} pegs",
        f"{ratio:5.1f}x {ns:6.1f} ns/requirement",
        f"peak {peak:,.0f} MB {'ok' if good else 'MISSED'}",
    )
    print(" | ".join(parts), flush=True)
    return good


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line per plant and horizon; returns 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="bench plan", description=__doc__)
    parser.add_argument("--items", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--horizon", choices=sorted(HORIZONS), nargs="*", default=["336h", "90d"])
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args(argv)
    plan(plant_of(shape_of(100, 14)))
    bucket_plan(*bucket_input(shape_of(100, 14), 60))
    good = True
    for items in options.items:
        for horizon in options.horizon:
            good &= measure(items, horizon, options.repeat if items < 100_000 else min(2, options.repeat))
    for section in SECTIONS:
        good &= section(options)
    return 0 if good else 1


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    sys.exit(main())
