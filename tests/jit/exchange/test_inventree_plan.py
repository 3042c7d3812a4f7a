"""The InvenTree set planned in the database: every leaf is short by what the raw files say."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from forms_engine.access.actor import Actor
from forms_engine.access.walls import walls
from jit.catalog.models import BomLine, Item, SourcingRule
from jit.exchange.formats.inventree import FILES, inventree_read
from jit.exchange.services.folders import import_folder
from jit.planning.models import PlanException, PlannedOrder, PlanRun, PlanRunNode
from jit.planning.selectors.netting import Netting
from jit.planning.services.run import run_execute, run_request
from tests.inventree_brute_force import leaves_short
from tests.shared_data import plain_rows, shared_folder

AS_OF = datetime(2024, 3, 19, tzinfo=UTC)
ACTOR = Actor.system("plan")


def planned(folder, *, emptied) -> PlanRun:
    """Import the set (without stock and purchase orders if emptied) and plan its open sales lines."""
    without = ("stock", "firm") if emptied else ()
    result = import_folder(actor=ACTOR, folder=folder, as_of=AS_OF, without=without)
    assert result.rejected == 0
    again = import_folder(actor=ACTOR, folder=folder, as_of=AS_OF, without=without)
    assert sum(step.outcome.created + step.outcome.updated for step in again.steps) == 0
    with walls(ACTOR):
        run = run_request(actor=ACTOR, as_of=AS_OF)
    return run_execute(run_id=run.pk, actor=ACTOR)


def leaf_shortages() -> dict[str, Decimal]:
    """Return {item code: requirement not covered by stock and firm receipts} of items without a BOM."""
    made = set(BomLine.objects.values_list("bom__item_id", flat=True))
    need, free = {}, {}
    for node in PlanRunNode.objects.select_related("item"):
        if node.item_id in made:
            continue
        code = node.item.code
        total = Netting(node).need.sum()
        need[code] = need.get(code, 0.0) + float(total)
        free[code] = free.get(code, 0.0) + node.opening
    short = {code: Decimal(str(round(need[code] - free[code], 6))) for code in need}
    return {code: quantity.normalize() for code, quantity in short.items() if quantity > 0}


@pytest.mark.parametrize(
    ("emptied", "leaves", "total", "sourced", "sourced_total"),
    [(False, 4, "52", 0, "0"), (True, 78, "38430.625", 67, "33940.625")],
)
def test_every_leaf_is_short_by_what_brute_force_says(
    transactional_db, emptied, leaves, total, sourced, sourced_total
):
    folder = shared_folder("bom_inventree")
    run = planned(folder, emptied=emptied)
    parts = inventree_read({name: plain_rows(folder / name) for name in FILES}).parts
    brute = {
        parts[part].code: quantity.normalize()
        for part, quantity in leaves_short(folder, emptied=emptied).items()
    }
    assert leaf_shortages() == brute
    assert len(brute) == leaves and sum(brute.values()) == Decimal(total)

    with_source = set(SourcingRule.objects.values_list("item__code", flat=True))
    assert len(brute.keys() & with_source) == sourced
    assert sum(brute[code] for code in brute.keys() & with_source) == Decimal(sourced_total)
    no_source = PlanException.objects.filter(run=run, kind="NO_SOURCE").values_list("item__code", flat=True)
    assert set(no_source) >= brute.keys() - with_source
    assert not set(no_source) & with_source
    bought = PlannedOrder.objects.filter(item__code__in=brute.keys() & with_source)
    assert set(bought.values_list("item__code", flat=True)) == brute.keys() & with_source
    for code in brute.keys() & with_source:
        ordered = sum(bought.filter(item__code=code).values_list("quantity", flat=True))
        assert ordered >= brute[code]
    assert Item.objects.count() == 414
