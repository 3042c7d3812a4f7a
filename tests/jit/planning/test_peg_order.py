"""The pegs a board reads are the run's own: order, priorities, lots, hard reservations (pull.md 27, 29)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from forms_engine.base.aside import Aside
from forms_engine.kernel import clock
from jit.algorithms.mrp.pegs import PegReader
from jit.algorithms.mrp.result import OrderKind, SupplyKind
from jit.algorithms.mrp.run import plan
from jit.planning.models import Demand, PlannedOrder, PlanRun, PlanRunNode
from jit.planning.selectors import rows as r
from jit.planning.selectors.netting import run_last
from jit.planning.selectors.pegs import AFTER, NOTHING, NodePegs
from jit.planning.selectors.planned import planned_read
from jit.planning.selectors.snapshot import Snapshot
from jit.planning.services.packing import nodes_asked, nodes_netted, nodes_store
from jit.planning.services.run import run_execute, run_request
from jit.stock.models import Lot
from jit.stock.services import stock_reserve
from tests import factories as make
from tests.unit.algorithms.random_plants import plant as random_plant

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
WORDS = {int(SupplyKind.NONE): "nothing", int(SupplyKind.SUPPRESSED): "after"}
ORDERS = {int(OrderKind.MAKE): "MAKE", int(OrderKind.BUY): "BUY", int(OrderKind.TRANSFER): "TRANSFER"}


def snapshot_of(data, items, site) -> Snapshot:
    """A snapshot of a made-up plant whose items stand in the tables."""
    keys = [(str(item.pk), str(site.pk), "") for item in items]
    demands, receipts = data.demands.key.tolist(), data.receipts.key.tolist()
    codes, nothing = [item.code for item in items], np.empty(0, "i8")
    return Snapshot(
        data,
        keys,
        [],
        [],
        planned_read(),
        nothing,
        nothing,
        demands,
        receipts,
        codes,
        [site.code] * len(keys),
        {},
        [],
    )


def core_pegs(data, result, node: int) -> list[tuple]:
    """(requirement, label of the supply, minute it is there, quantity) of a node, as the core says."""
    demand = data.demands.node[result.hard.demand]
    found = []
    for row in np.flatnonzero(demand == node).tolist():
        at, lot, quantity = result.hard.demand[row], result.hard.lot[row], result.hard.qty[row]
        found.append((int(data.demands.due[at]), f"LAGER · {lot}", data.as_of, float(quantity)))
    pegs, recs = PegReader(result).node(node), result.receipts
    hand_downs = 0
    for req, kind, ref, quantity in zip(
        pegs.req.tolist(), pegs.supply.tolist(), pegs.ref.tolist(), pegs.qty.tolist(), strict=True
    ):
        if kind == SupplyKind.LOT:
            label, at = f"LAGER · {ref}", data.as_of
        elif kind == SupplyKind.RECEIPT:
            label = data.receipts.key[ref]
            at = int(recs.time[np.flatnonzero(recs.row == ref)[0]])
        elif kind == SupplyKind.ORDER:
            word = ORDERS.get(int(result.orders.kind[ref]))
            hand_downs += word is None
            label, at = word, int(result.orders.avail[ref])
        elif kind == SupplyKind.CALL:
            label, at = f"C{ref}", int(result.calls.avail[ref])
        else:
            label, at = WORDS[kind], 0
        found.append((int(result.requirements.due[req]), label, at, quantity))
    return [] if hand_downs else found  # a phantom's hand-down is no supply anybody reads


def read_pegs(stored: NodePegs) -> list[tuple]:
    n, found = stored.netting, []
    for need, supply, quantity in stored.pegs:
        label = {NOTHING: "nothing", AFTER: "after"}.get(supply) or n.labels[n.label[supply]]
        found.append((int(n.due[need]), label, int(n.at[supply]) if supply >= 0 else 0, quantity))
    return found


def test_what_is_read_equals_the_core_on_random_plants():
    """Sixty plants stored into the real table and read back: every node, every peg, in the same order."""
    site = make.plant()
    items = [make.item(f"I{number:02}") for number in range(14)]
    seen, features = 0, set()
    for seed in range(60):
        data = random_plant(seed)
        keys = [f"I|P||LAGER|{row}|" for row in range(len(data.lots))]
        data = replace(data, lots=data.lots.take(np.arange(len(data.lots)), key=np.array(keys, "U32")))
        result = plan(data)
        run = PlanRun.objects.create(
            number=f"R{seed}", as_of=r.moment_of(data.as_of), horizon_end=r.moment_of(data.horizon)
        )
        numbers = [f"C{row}" for row in range(len(result.calls.qty))]
        snapshot = snapshot_of(data, items[: len(data.nodes)], site)
        with Aside() as writer:
            before = nodes_asked(writer)
            found = nodes_netted(snapshot=snapshot, result=result, numbers=numbers)
            nodes_store(snapshot=snapshot, found=found, before=before, writer=writer)
        stored = {node.item_id: node for node in PlanRunNode.objects.all()}
        for node in range(len(data.nodes)):
            wanted = core_pegs(data, result, node)
            if not wanted:
                continue
            read = read_pegs(NodePegs(stored[items[node].pk], run))
            assert [peg[:3] for peg in read] == [peg[:3] for peg in wanted], f"plant {seed} node {node}"
            assert [peg[3] for peg in read] == pytest.approx([peg[3] for peg in wanted], abs=1e-9)
            seen += len(wanted)
            features |= {peg[1].split(" ")[0].rstrip("0123456789") for peg in wanted}
        features |= {"hard"} if len(result.hard.qty) else set()
        features |= {"priority"} if result.requirements.priority.any() else set()
    assert seen > 2000
    assert features >= {"LAGER", "R", "C", "MAKE", "BUY", "TRANSFER", "nothing", "after", "hard", "priority"}


def run(hours: int = 48) -> PlanRun:
    clock.set(make.at(0))
    asked = run_request(
        actor=make.system(), as_of=make.at(0), horizon_end=make.at(0) + timedelta(hours=hours)
    )
    done = run_execute(run_id=asked.pk, actor=make.system())
    clock.set(None)
    return done


def demand(number: str, item, quantity: int, hour: int, priority: int = 100, site=None) -> Demand:
    return Demand.objects.create(
        number=number, plant=site or make.plant(), item=item, quantity=quantity, due_at=make.at(hour),
        priority=priority,
    )  # fmt: skip


@pytest.fixture
def store():
    site = make.plant()
    site.store = make.location("STORE")
    site.save(update_fields=["store"])
    return site


def sums(item) -> tuple[dict[str, float], dict[str, float]]:
    """Quantity pegged by cause, and by (cause, supply)."""
    pegs = NodePegs(PlanRunNode.objects.get(item=item), run_last())
    n, by_cause, by_pair = pegs.netting, defaultdict(float), defaultdict(float)
    for need, supply, quantity in pegs.pegs:
        cause = n.labels[n.cause[need]]
        by_cause[cause] += quantity
        by_pair[f"{cause} < {n.labels[n.label[supply]] if supply >= 0 else supply}"] += quantity
    supplied = defaultdict(float)
    for _, supply, quantity in pegs.pegs:
        if supply >= 0:
            supplied[supply] += quantity
    for supply, quantity in supplied.items():
        assert quantity <= n.quantity[supply] + 1e-9  # rule 27: a supply gives no more than it is
    return by_cause, by_pair


def test_at_one_minute_the_first_priority_takes_the_stock(store):
    """Two demands due at 12:00, 8 on hand: the one of the higher priority gets them, not the first number."""
    part = make.item("C")
    make.stock(part, store.store, 8)
    demand("D1", part, 8, 12, priority=5)
    demand("D2", part, 8, 12, priority=1)
    run()
    causes, pairs = sums(part)
    assert causes == {"D1": 8, "D2": 8}
    assert pairs == {"D2 < STORE": 8, "D1 < BUY": 8}


def test_a_hard_reservation_covers_its_own_demand_however_late(store):
    """10 on hand, 6 of them reserved for the later D2: D1 gets 4 and a new order, D2 its 6 (rule 29)."""
    part = make.item("C")
    lot = Lot.objects.create(code="L1", item=part)
    make.stock(part, store.store, 10, lot)
    demand("D1", part, 10, 9)
    demand("D2", part, 6, 15)
    stock_reserve(item=part, location=store.store, lot=lot, quantity=Decimal(6), document="D2")
    run()
    causes, pairs = sums(part)
    assert causes == {"D1": 10, "D2": 6}
    assert pairs == {"D2 < STORE · L1": 6, "D1 < STORE · L1": 4, "D1 < BUY": 6}
    assert sum(PlannedOrder.objects.values_list("quantity", flat=True)) == 6


def test_two_plants_keep_a_netting_each(store):
    """The same item is wanted in two plants: two nettings, each with its own stock."""
    part, other = make.item("C"), make.plant("P2")
    other.store = make.location("STORE2", plant=other)
    other.save(update_fields=["store"])
    make.stock(part, other.store, 3)
    demand("D1", part, 5, 12)
    demand("D2", part, 5, 12, site=other)
    run()
    found = {node.plant.code: node.opening for node in PlanRunNode.objects.filter(item=part)}
    assert found == {"P1": 0, "P2": 3}
    ordered = {row.plant.code: row.quantity for row in PlannedOrder.objects.filter(item=part)}
    assert ordered == {"P1": 5, "P2": 2}
