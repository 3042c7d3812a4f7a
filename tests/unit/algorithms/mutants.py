"""Deliberate faults in the fast kernels: `python -m tests.unit.algorithms.mutants NAME PLANTS`, uncompiled.

The kernels are run as plain Python (NUMBA_DISABLE_JIT=1),
the fault is put into the source while it is imported.
Prints the first plant on which the faulty run and the reference differ; exit code 0 = found, 1 = survived.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys

MRP, CALLS = "jit.algorithms.mrp.", "jit.algorithms.call_offs."

#: name → (module, [(right, wrong), …]); every right text must stand there exactly once.
MUTANTS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "none": (MRP + "lots", []),
    "slices fall due at op start": (
        MRP + "gather",
        [("due, share * (upto - first), ref", "begin, share * (upto - first), ref")],
    ),
    "G counts the minute itself": (
        CALLS + "targets",
        [("ev[i].t < x:", "ev[i].t <= x:"), ("ev[i - 1].t >= x:", "ev[i - 1].t > x:")],
    ),
    "constant W instead of the next window": (
        CALLS + "windows",
        [
            (
                "target, plain = target_of(plant, scratch, node, n, t_next, hints)",
                "target, plain = target_of(plant, scratch, node, n, t + 60, hints)",
            )
        ],
    ),
    "safety and cover added": (
        CALLS + "targets",
        [
            (
                "target = max(target, scratch.pre[hints[1]])",
                "target = scratch.pre[hints[1]] + net[node].safety",
            )
        ],
    ),
    "safety stock ordered at once": (
        MRP + "net",
        [
            (
                "e = earliest_supply(plant, node, mode) if safety > 0 else FAR",
                "e = plant.as_of if safety > 0 else FAR",
            )
        ],
    ),
    "maximum not rounded down to a multiple": (
        MRP + "lots",
        [("top = round_down(high, multiple)", "top = high")],
    ),
    "yield forgotten in the start quantity": (
        MRP + "net",
        [("wish = (need - covered) / net[node].yield_", "wish = need - covered")],
    ),
    "scrap multiplied instead of divided": (
        MRP + "prepare",
        [
            (
                "lines.qty_per[rows] / (1.0 - lines.scrap[rows])",
                "lines.qty_per[rows] * (1.0 + lines.scrap[rows])",
            )
        ],
    ),
    "quota ignored in the rating": (
        MRP + "lanes",
        [("rating = used[s] / lanes.src[s].quota", "rating = used[s]")],
    ),
    "no shipping in the closing minute": (
        MRP + "worktime",
        [
            (
                "t <= days.iv[i].end or i + 1 == days.cal[cal].end:\n        return t\n"
                "    return days.iv[i].end\n",
                "t < days.iv[i].end or i + 1 == days.cal[cal].end:\n        return t\n"
                "    return days.iv[i].end - 1\n",
            )
        ],
    ),
    "frozen zone one minute longer": (
        CALLS + "existing",
        [
            (
                "if end < plant.as_of + plant.net[node].frozen:",
                "if end <= plant.as_of + plant.net[node].frozen:",
            )
        ],
    ),
    "sent calls follow every change": (
        CALLS + "existing",
        [
            (
                "if abs(qty - old) < pack - TINY:\n        return True\n    return plain",
                "return False and plain",
            )
        ],
    ),
    "expiry ignored": (MRP + "events", [("if waste > TINY and", "if waste > 1e30 and")]),
    "push out although safety breaks": (
        MRP + "messages",
        [("if low - qty >= safety - TINY:", "if low >= safety - TINY:")],
    ),
    "lot for lot per event": (MRP + "net", [("span = max(span, 1)", "span = 1")]),
    "phantom without yield": (MRP + "net", [("rest / plant.net[node].yield_", "rest")]),
    "gap between revisions loses demand": (
        MRP + "prepare",
        [
            (
                "since[order[1:][follows]] = r.valid_to[order[:-1][follows]]",
                "since[order[1:][follows]] = r.valid_from[order[1:][follows]]",
            )
        ],
    ),
    "reserved stock used twice": (MRP + "stock", [("            qty[lot] -= got\n", "")]),
    "pull in twice as far": (
        MRP + "net",
        [("limit = t + plant.net[node].resched", "limit = t + 2 * plant.net[node].resched")],
    ),
    "receipts pegged before stock": (
        MRP + "pegs",
        [("key = meant * 4 + min(kind, 2)", "key = meant * 4 + (kind != 1)")],
    ),
    "store gives its safety stock away": (
        CALLS + "transfers",
        [("pool = net[store].stock - net[store].safety", "pool = net[store].stock")],
    ),
    "the cut-off rest is forgotten": (CALLS + "windows", [("rest = short - qty", "rest = 0.0")]),
    "past-due components keep their date": (
        MRP + "orders",
        [("        if mode != BUY:\n            op = as_of\n", "")],
    ),
    "fixed quantity dropped": (
        MRP + "gather",
        [("op + offset, qty + fixed, o, line", "op + offset, qty, o, line")],
    ),
}


class Faulty(importlib.machinery.SourceFileLoader):
    """Loads one module with its fault."""

    changes: list[tuple[str, str]] = []

    def source_to_code(self, data, path, *, _optimize=-1):
        text = bytes(data).decode()
        for right, wrong in self.changes:
            if text.count(right) != 1:
                raise AssertionError(f"{path} holds {text.count(right)} times: {right}")
            text = text.replace(right, wrong)
        return super().source_to_code(text.encode(), path)

    def get_code(self, fullname):
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class Finder(importlib.abc.MetaPathFinder):
    """Hands the faulty loader out for one module."""

    def __init__(self, module: str, changes: list[tuple[str, str]]) -> None:
        self.module = module
        Faulty.changes = changes

    def find_spec(self, fullname, path, target=None):
        if fullname != self.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None:
            return None
        return importlib.util.spec_from_loader(fullname, Faulty(fullname, spec.origin), origin=spec.origin)


def hunt(name: str, plants: int) -> int:
    """Return the first seed on which the mutant differs from the reference, -1 if it survives."""
    module, changes = MUTANTS[name]
    sys.meta_path.insert(0, Finder(module, changes))
    run = importlib.import_module("jit.algorithms.mrp.run")
    reference = importlib.import_module("jit.algorithms.mrp.reference.run")
    compare = importlib.import_module("tests.unit.algorithms.compare")
    random_plants = importlib.import_module("tests.unit.algorithms.random_plants")
    for seed in range(plants):
        data = random_plants.plant(seed)
        if compare.difference(data, run.plan(data), reference.Reference(data)):
            return seed
    return -1


if __name__ == "__main__":
    seed = hunt(sys.argv[1], int(sys.argv[2]))
    print(seed)
    sys.exit(0 if seed >= 0 else 1)
