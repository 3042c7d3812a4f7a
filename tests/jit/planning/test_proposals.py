"""Planned orders as a relation over packs and firm rows, and what a run leaves alone (pull.md 25)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from forms_engine.kernel import clock
from jit.catalog.models import Item
from jit.planning.models import (
    Demand,
    FirmOrder,
    PlanException,
    PlannedOrder,
    PlannedPack,
    PlanRun,
    PlanRunNode,
)
from jit.planning.services.pruning import KEPT, exceptions_prune
from jit.planning.services.run import run_execute, run_request
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def parts() -> list[Item]:
    """Three made items with three demands each, so that each has three orders in one pack."""
    site = make.plant()
    site.store = make.location("STORE")
    site.save(update_fields=["store"])
    items = [make.item(code, mode="MAKE", planning_window_minutes=1, lead_minutes=30) for code in "ABC"]
    for item in items:
        for hour in (9, 10, 11):
            wanted(item, hour, 10 * hour)
    yield items
    clock.set(None)


def wanted(item: Item, hour: int, quantity: float) -> Demand:
    return Demand.objects.create(
        number=f"D-{item.code}-{hour}",
        plant=make.plant(),
        item=item,
        quantity=Decimal(str(quantity)),
        due_at=make.at(hour),
    )


def plan() -> PlanRun:
    clock.set(make.at(0))
    run = run_request(actor=make.system(), as_of=make.at(0), horizon_end=make.at(0) + timedelta(days=2))
    return run_execute(run_id=run.pk, actor=make.system())


def versions(table: str) -> set[tuple[str, str]]:
    """Place and transaction of every row of a table: another pair means that the row was touched."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ctid::text, xmin::text FROM {table}")
        return set(cursor.fetchall())


def scanned(where: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT * FROM planning_plannedorder WHERE {where}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_the_orders_of_an_item_stand_in_one_pack_and_are_read_as_rows(parts):
    plan()
    assert PlannedPack.objects.count() == 3 and PlannedOrder.objects.count() == 9
    rows = PlannedOrder.objects.filter(item=parts[1]).order_by("need_at")
    assert [(row.need_at, row.quantity, row.good_quantity) for row in rows] == [
        (make.at(hour), 10.0 * hour, 10.0 * hour) for hour in (9, 10, 11)
    ]
    assert all(row.start_at == row.need_at - timedelta(minutes=30) == row.finish_at - timedelta(minutes=30)
               for row in rows)  # fmt: skip
    assert {(row.kind, row.plant, row.area, row.is_firm, row.is_blocked) for row in rows} == {
        ("MAKE", make.plant(), None, False, False)
    }
    assert len(set(PlannedOrder.objects.values_list("pk", flat=True))) == 9


def test_reading_by_item_looks_at_that_items_packs_and_firm_ones_at_no_pack(parts):
    by_item = scanned(f"item_id = '{parts[0].pk}'")
    assert "Index Cond: (item_id" in by_item and "Seq Scan" not in by_item
    assert "planning_plannedpack" not in scanned("is_firm")
    assert "planning_firmorder" not in scanned("NOT is_firm")


def test_a_run_without_a_change_touches_neither_pack_nor_netting(parts):
    first = plan()
    tables = ("planning_plannedpack", "planning_planrunnode")
    before = [versions(table) for table in tables]
    ids = list(PlannedOrder.objects.order_by("pk").values_list())
    second = plan()
    assert [versions(table) for table in tables] == before
    assert list(PlannedOrder.objects.order_by("pk").values_list()) == ids
    assert first.counts["orders"] == {"new": 9, "changed": 0, "cancelled": 0}
    assert second.counts["orders"] == {"new": 0, "changed": 0, "cancelled": 0}


def test_another_quantity_rewrites_one_pack_and_every_id_lives_on(parts):
    plan()
    tables = ("planning_plannedpack", "planning_planrunnode")
    before = [versions(table) for table in tables]
    ids = dict(PlannedOrder.objects.values_list("pk", "need_at"))
    Demand.objects.filter(number="D-B-10").update(quantity=77)
    run = plan()
    assert run.counts["orders"] == {"new": 0, "changed": 1, "cancelled": 0}
    assert dict(PlannedOrder.objects.values_list("pk", "need_at")) == ids
    assert PlannedOrder.objects.get(item=parts[1], need_at=make.at(10)).quantity == 77
    assert [len(versions(table) - old) for table, old in zip(tables, before, strict=True)] == [1, 1]


def test_a_gone_item_takes_its_pack_and_its_netting_along(parts):
    plan()
    Demand.objects.filter(item=parts[2]).delete()
    run = plan()
    assert run.counts["orders"] == {"new": 0, "changed": 0, "cancelled": 3}
    assert not PlannedPack.objects.filter(item=parts[2]).exists()
    assert not PlanRunNode.objects.filter(item=parts[2]).exists()


def test_firming_moves_an_order_out_of_its_pack_with_its_id_and_back(parts):
    plan()
    order = PlannedOrder.objects.get(item=parts[0], need_at=make.at(10))
    assert PlannedOrder.objects.filter(pk=order.pk).update(is_firm=True) == 1
    firm = FirmOrder.objects.get()
    assert (firm.order_id, firm.quantity, firm.start_at, firm.need_at, firm.item) == (
        order.pk, order.quantity, order.start_at, order.need_at, parts[0],
    )  # fmt: skip
    assert [row.is_firm for row in PlannedOrder.objects.filter(item=parts[0]).order_by("need_at")] == [
        False,
        True,
        False,
    ]
    order.refresh_from_db()
    order.is_firm = False
    order.save()
    assert FirmOrder.objects.get().state == FirmOrder.State.GIVEN_BACK
    same = PlannedOrder.objects.get(pk=order.pk)
    assert (same.quantity, same.start_at, same.finish_at, same.need_at) == (
        order.quantity, order.start_at, order.finish_at, order.need_at,
    )  # fmt: skip
    assert PlannedOrder.objects.filter(item=parts[0]).count() == 3


def test_a_run_joins_what_people_put_back_and_keeps_the_ids(parts):
    plan()
    ids = set(PlannedOrder.objects.values_list("pk", flat=True))
    for row in PlannedOrder.objects.filter(item=parts[0]):
        row.is_firm = True
        row.save()
        row.is_firm = False
        row.save()
    assert PlannedPack.objects.filter(item=parts[0]).count() == 3
    run = plan()
    assert run.counts["orders"] == {"new": 0, "changed": 0, "cancelled": 0}
    assert PlannedPack.objects.filter(item=parts[0]).count() == 1
    assert set(PlannedOrder.objects.values_list("pk", flat=True)) == ids


def test_the_relation_is_written_like_a_table(parts):
    made = PlannedOrder.objects.create(
        kind="BUY", plant=make.plant(), item=parts[0], quantity=1.5, good_quantity=1.25,
        start_at=make.at(6), finish_at=make.at(7), need_at=make.at(8),
    )  # fmt: skip
    firm = PlannedOrder.objects.create(
        kind="MAKE", plant=make.plant(), item=parts[0], quantity=2, good_quantity=2,
        start_at=make.at(6), finish_at=make.at(7), need_at=make.at(8), is_firm=True,
    )  # fmt: skip
    assert made.pk != firm.pk and FirmOrder.objects.get().order_id == firm.pk
    again = PlannedOrder.objects.get(pk=made.pk)
    assert (again.quantity, again.good_quantity, again.need_at) == (1.5, 1.25, make.at(8))
    PlannedOrder.objects.filter(pk=firm.pk).update(quantity=3)
    assert FirmOrder.objects.get().quantity == 3
    assert PlannedOrder.objects.filter(item=parts[0]).delete()[0] == 2
    assert not FirmOrder.objects.exists() and not PlannedPack.objects.exists()


def test_exceptions_of_old_runs_go_and_those_of_the_last_ones_stay(parts):
    runs = [
        PlanRun.objects.create(
            number=f"R{hour:02}",
            as_of=make.at(8),
            horizon_end=make.at(9),
            finished_at=make.at(hour),
            state="DONE",
        )
        for hour in range(KEPT + 2)
    ]
    PlanException.objects.bulk_create(PlanException(run=run, kind="LATE", item=parts[0]) for run in runs)
    assert exceptions_prune() == 2
    assert set(PlanException.objects.values_list("run__number", flat=True)) == {
        run.number for run in runs[2:]
    }
    assert exceptions_prune() == 0
