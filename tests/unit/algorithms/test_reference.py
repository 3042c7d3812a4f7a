"""The fast run equals the slow exact one on 3,000 random plants that together touch every rule."""

from collections import Counter

import numpy as np
import pytest

from jit.algorithms.mrp.model import LotRule, Mode, Stage
from jit.algorithms.mrp.pegs import all_pegs
from jit.algorithms.mrp.reference.run import Reference
from jit.algorithms.mrp.result import CallType, Change, OrderFlag, OrderKind, SupplyKind, Trouble
from jit.algorithms.mrp.run import plan
from tests.unit.algorithms.compare import difference
from tests.unit.algorithms.random_plants import plant

BLOCK, BLOCKS = 100, 30


@pytest.mark.parametrize("block", range(BLOCKS))
def test_fast_equals_reference(block):
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        data = plant(seed)
        found = difference(data, plan(data), Reference(data))
        assert not found, f"plant {seed}: {found}"


def features(data, result) -> set[str]:
    """Return which rules a plan shows at work."""
    o, c, x, n, r = result.orders, result.calls, result.exceptions, data.nodes, result.requirements
    kinds = all_pegs(result).supply
    seen = {f"trouble {Trouble(k).name}" for k in x.kind.tolist()}
    seen |= {f"order {OrderKind(k).name}" for k in o.kind.tolist()}
    seen |= {f"flag {f.name}" for f in OrderFlag if (o.flags & f).any()}
    seen |= {f"peg {SupplyKind(k).name}" for k in kinds.tolist()}
    seen |= {f"call {Change(k).name}" for k in c.change.tolist()}
    seen |= {f"call type {CallType(k).name}" for k in c.kind.tolist()}
    used = o.node[o.kind <= OrderKind.TRANSFER]
    seen |= {f"rule {LotRule(k).name}" for k in n.rule[used].tolist()}
    checks = {
        "overdue demand": (r.due < data.as_of).any(),
        "sliced consumption": (np.bincount(r.line[r.line >= 0], minlength=1) > 3).any(),
        "split by maximum": len(used) > 3 and (np.diff(o.need) == 0).any(),
        "yield": (n.yield_[used] < 1).any(),
        "scrap": bool(len(r.line)) and (data.lines.scrap[r.line[r.line >= 0]] > 0).any(),
        "fixed quantity": bool(len(r.line)) and (data.lines.fixed[r.line[r.line >= 0]] > 0).any(),
        "offset": bool(len(r.line)) and (data.lines.offset_min[r.line[r.line >= 0]] != 0).any(),
        "two revisions": len(set(data.lines.revision[r.line[r.line >= 0]].tolist()))
        > len(set(o.node.tolist())),
        "lot expires": (result.lots.qty - result.lots.used > 1).any(),
        "hard peg": len(result.hard.qty) > 0,
        "JIT from store": (n.mode[o.node[o.kind == OrderKind.TRANSFER]] == Mode.JIT).any(),
        "two suppliers on one node": (np.bincount(o.node[o.source >= 0], minlength=1) > 1).any()
        and len(set(o.source[o.source >= 0].tolist())) > 1,
        "two suppliers called": len(set(zip(c.node.tolist(), c.source.tolist(), strict=True)))
        > len(set(c.node.tolist())),
        "sent call kept": bool(len(c.old)) and ((c.old >= 0) & ~c.kept & (c.change == Change.SAME)).any(),
        "frozen call kept": c.kept.any(),
        "variable transit": (data.sources.transit[o.source[o.source >= 0]] >= 0).any(),
        "packed floor": bool(len(c.old)) and (data.calls.packed[c.old[c.old >= 0]] > 0).any(),
        "firm call": bool(len(c.old)) and (data.calls.stage[c.old[c.old >= 0]] == Stage.FIRM).any(),
        "late supply in pegs": (o.avail > o.need).any(),
    }
    return seen | {name for name, hit in checks.items() if hit}


#: Everything `features` can say; each must be seen in many plants, or the comparison proves little.
EVERY = (
    {f"trouble {t.name}" for t in Trouble}
    | {f"order {k.name}" for k in OrderKind}
    | {f"flag {f.name}" for f in OrderFlag}
    | {f"peg {k.name}" for k in SupplyKind}
    | {f"call {c.name}" for c in Change}
    | {f"call type {c.name}" for c in CallType}
    | {f"rule {r.name}" for r in LotRule}
)


def test_the_plants_cover_every_rule():
    seen: Counter[str] = Counter()
    names: set[str] = set(EVERY)
    for seed in range(600):
        data = plant(seed)
        found = features(data, plan(data))
        seen.update(found)
        names |= found
    rare = {name: seen[name] for name in names if seen[name] < 5}
    assert not rare
    assert len(names) >= len(EVERY) + 19
