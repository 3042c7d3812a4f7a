"""Promises of the run that hold for every plant: order of rows, repetition, conservation, refusal."""

from dataclasses import fields, replace

import numpy as np
import pytest

from jit.algorithms.mrp.canonical import KEYED
from jit.algorithms.mrp.hashing import output_hash
from jit.algorithms.mrp.model import Calls, Mode, PlanInput, Proposals, Stage
from jit.algorithms.mrp.pegs import PegReader, all_pegs
from jit.algorithms.mrp.result import Change, OrderKind, SupplyKind, Trouble
from jit.algorithms.mrp.run import plan
from tests.unit.algorithms.f0 import X, f0, hour
from tests.unit.algorithms.random_plants import plant

SEEDS = range(5000, 5040)


def shuffled(data: PlanInput, seed: int) -> PlanInput:
    """Return the same plant with the rows of every keyed table in another order."""
    rng = np.random.default_rng(seed)
    order = {name: rng.permutation(len(getattr(data, name))) for name in KEYED}
    place = {name: np.argsort(rows).astype(np.int32) for name, rows in order.items()}
    tables = {}
    for name, points in KEYED.items():
        table, rows, moved = getattr(data, name), order[name], {}
        for column, target in points.items():
            value = table.columns()[column]
            if len(value) and len(place[target]):
                value = np.where(value >= 0, place[target][value], -1)
            moved[column] = value[rows]
        tables[name] = table.take(rows, **moved)
    return replace(data, **tables)


def told(data: PlanInput) -> PlanInput:
    """Return the plant after its plan was stored: proposals and calls of the run are those of the last
    run.
    """
    result = plan(data)
    o, c = result.orders, result.calls
    rows = np.flatnonzero(o.kind <= OrderKind.TRANSFER)
    live = np.flatnonzero((c.qty > 0) & ~c.kept)
    keep = np.flatnonzero(c.kept)
    old = data.calls
    calls = Calls(
        key=[f"C{i:06}" for i in range(len(live) + len(keep))],
        node=np.concatenate((c.node[keep], c.node[live])),
        source=np.concatenate((c.source[keep], c.source[live])),
        end=np.concatenate((c.end[keep], c.end[live])),
        qty=np.concatenate((c.qty[keep], c.qty[live])),
        eta=np.concatenate((old.eta[c.old[keep]], np.full(len(live), -(1 << 60)))),
        stage=np.concatenate((old.stage[c.old[keep]], np.full(len(live), Stage.DRAFT))),
    )
    proposals = Proposals(
        key=np.arange(len(rows)),
        node=o.node[rows],
        source=o.source[rows],
        need=o.need[rows],
        qty=o.qty[rows],
    )
    return replace(data, calls=calls, proposals=proposals)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_rows_changes_neither_hash(seed):
    data = plant(seed)
    other = shuffled(data, seed)
    first, second = plan(data), plan(other)
    assert first.input_hash == second.input_hash
    assert output_hash(data, first) == output_hash(other, second)


def test_another_quantity_changes_both_hashes():
    data = plant(5000)
    other = replace(data, demands=replace(data.demands, qty=data.demands.qty + 1))
    first, second = plan(data), plan(other)
    assert first.input_hash != second.input_hash
    assert output_hash(data, first) != output_hash(other, second)


#: Where the rows of each node stand, and how the plan differs from the last one: not the plan itself.
BESIDE = {"first", "end", "match", "change", "old", "delta", "kept"}


@pytest.mark.parametrize(
    "table", ["orders", "calls", "requirements", "exceptions", "lots", "receipts", "hard"]
)
def test_every_column_of_the_answer_counts_in_its_hash(table):
    """Pegs follow from these columns (`pegs.Book`), so a hash that misses none of them covers the pegs."""
    data, result = next(
        (data, result) for data in map(plant, SEEDS) if len(getattr(result := plan(data), table).qty)
    )
    before = output_hash(data, result)
    rows = getattr(result, table)
    for name in {one.name for one in fields(rows)} - BESIDE:
        column = getattr(rows, name).copy()
        column[0] = column[0] - 1 if column[0] > 0 else column[0] + 1
        assert output_hash(data, replace(result, **{table: replace(rows, **{name: column})})) != before, name


@pytest.mark.parametrize("seed", SEEDS)
def test_planned_orders_keep_their_numbers_when_nothing_changed(seed):
    data = plant(seed)
    again = plan(replace(data, proposals=told(data).proposals))
    documents = again.orders.kind <= OrderKind.TRANSFER
    assert set(again.orders.change[documents].tolist()) <= {Change.SAME}
    assert len(set(again.orders.match[documents].tolist())) == documents.sum()
    assert len(again.cancelled) == 0


def test_calls_of_the_last_run_come_out_the_same():
    data = f0(hour(16, -1), days=2)
    again = plan(told(data))
    assert len(again.calls.qty) > 10
    assert set(again.calls.change.tolist()) == {Change.SAME}


def test_a_moved_demand_keeps_the_number_and_a_lost_one_is_cancelled():
    base = plant(5001)
    nodes = replace(base.nodes, mode=np.full(len(base.nodes), Mode.BUY))
    data = replace(base, nodes=nodes, calls=Calls())
    stored = told(data)
    later = replace(stored, demands=replace(stored.demands, due=stored.demands.due + 7))
    moved = plan(later)
    assert Change.CHANGED in set(moved.orders.change.tolist())
    none = plan(
        replace(stored, demands=stored.demands.take(np.arange(0)), reservations=type(data.reservations)())
    )
    assert len(none.cancelled) > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_pegs_conserve_every_requirement_and_never_overdraw_a_supply(seed):
    data = plant(seed)
    result = plan(data)
    pegs = all_pegs(result)
    r = result.requirements
    got = np.bincount(pegs.req, weights=pegs.qty, minlength=len(r.qty))
    seen = np.concatenate([np.arange(a, b) for a, b in zip(r.first, r.end, strict=True)] or [[]]).astype(int)
    assert np.allclose(got[seen], r.qty[seen], atol=1e-4)
    for kind, qty in (
        (SupplyKind.LOT, data.lots.qty),
        (SupplyKind.RECEIPT, data.receipts.qty),
        (SupplyKind.ORDER, result.orders.good),
        (SupplyKind.CALL, result.calls.qty),
    ):
        hit = pegs.supply == kind
        drawn = np.bincount(pegs.ref[hit], weights=pegs.qty[hit], minlength=len(qty))
        assert (drawn <= qty + 1e-4).all()
    open_nodes = {int(v) for v in result.exceptions.node[result.exceptions.kind == Trouble.UNCOVERED]}
    bare = pegs.req[pegs.supply == SupplyKind.NONE]
    owner = np.searchsorted(np.sort(r.first), bare, side="right") - 1
    by_first = np.argsort(r.first, kind="stable")
    for req, at in zip(bare.tolist(), owner.tolist(), strict=True):
        node = next(int(v) for v in by_first[: at + 1][::-1] if r.first[v] <= req < r.end[v])
        assert node in open_nodes


def test_pegs_are_read_both_ways():
    data = f0(hour(16, -1))
    result = plan(data)
    reader = PegReader(result)
    down = reader.node(X)
    call = int(down.ref[down.supply == SupplyKind.CALL][0])
    hurt = reader.requirements_of(X, SupplyKind.CALL, call)
    assert sum(q for _, q in hurt) == pytest.approx(result.calls.qty[call])


def test_the_call_key_stands_once():
    for seed in SEEDS:
        c = plan(plant(seed)).calls
        keys = list(zip(c.node.tolist(), c.source.tolist(), c.end.tolist(), strict=True))
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("table", "column", "value", "why"),
    [
        ("nodes", "yield_", 0.0, "yield must be > 0"),
        ("lines", "scrap", 1.0, "scrap must be < 1"),
        ("demands", "qty", -1.0, "a demand must be > 0"),
        ("sources", "quota", 0.0, "the quota must be > 0"),
    ],
)
def test_impossible_rows_are_refused_by_name(table, column, value, why):
    data = f0(hour(16, -1))
    if table == "demands":
        data = plant(5000)
    rows = getattr(data, table)
    bad = rows.columns()[column].copy()
    bad[0] = value
    with pytest.raises(ValueError, match=why):
        plan(replace(data, **{table: replace(rows, **{column: bad})}))


def test_a_cycle_is_named_and_the_rest_is_planned():
    data = plant(5000)
    made = replace(f0(hour(16, -1)))
    lines = made.lines.take(np.array([0, 0]), key=["A/1/10", "A/1/20"], component=np.array([X, 0]))
    result = plan(replace(made, lines=lines))
    assert result.cycles == ((0, 0),)
    assert Trouble.CYCLE in result.exceptions.kind
    assert len(result.calls.qty) > 0
    assert len(plan(data).level) == len(data.nodes)
