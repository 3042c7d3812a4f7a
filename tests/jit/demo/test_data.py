"""`demo --data FOLDER`: files of a small plant, and the real inbound loads, stand beside the demo plant."""

import io
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from forms_engine.base.jobs import job_run_all
from forms_engine.kernel import clock
from jit.catalog.models import BomLine, Item, Supplier
from jit.exchange.targets.registry import target_of
from jit.planning.models import PlannedOrder, PlanRun
from jit.stock.models import Balance
from jit.supply.models import CallOff, InboundRequirement, PlannedTruck
from tests.shared_data import shared_folder

SMALL = Path(__file__).parents[2] / "data" / "plant_small"


def loaded(folder: Path) -> str:
    """Load the demo with a folder and return what the command printed."""
    out = io.StringIO()
    call_command("demo_load", data=folder, stdout=out)
    return out.getvalue()


def test_a_small_folder_stands_beside_the_demo_plant_and_is_planned(transactional_db):
    clock.set("2026-11-25T02:00:00Z")
    said = loaded(SMALL)
    assert "plant_small (own): 12 步 / steps, 2 行被拒 / rows refused" in said
    assert "items.csv 5 unit: " in said and "bom.csv 4 component: " in said
    assert set(Item.objects.filter(code__startswith="007").values_list("code", flat=True)) == {
        "00700", "00701", "00702",
    }  # fmt: skip
    assert Item.objects.filter(code="QD-1000").exists()
    assert Supplier.objects.get(code="0071").phone == "013800000071"
    lines = BomLine.objects.filter(bom__item__code="00700").order_by("line_no")
    assert list(lines.values_list("component__code", "quantity_per", "scrap_ratio")) == [
        ("00701", 4, Decimal("0.02")), ("00702", Decimal("1.25"), 0),
    ]  # fmt: skip
    assert Balance.objects.get(item__code="00701", location__code="P9-CK").quantity == 1200
    assert CallOff.objects.get(item__code="00701", state=CallOff.State.CONFIRMED).quantity == 100

    job_run_all()
    run = PlanRun.objects.get(trigger="plant_small")
    assert run.state == PlanRun.State.DONE, run.message
    assert set(
        PlannedOrder.objects.filter(item__code__startswith="007").values_list("item__code", flat=True)
    ) >= {"00700", "00701"}

    again = loaded(SMALL)
    assert re.findall(r"\+[1-9]|~[1-9]", again) == []
    assert PlanRun.objects.filter(trigger="plant_small").count() == 1


def test_the_real_inbound_loads_stand_beside_the_demo_plant(transactional_db):
    said = loaded(shared_folder("renault_inbound") / "CC6")
    assert "CC6 (renault): 11 步 / steps, 0 行被拒 / rows refused" in said
    assert InboundRequirement.objects.count() == 2138
    assert PlannedTruck.objects.count() == 464
    codes = InboundRequirement.objects.values_list("supplier__code", flat=True)
    assert codes and all(code.startswith("00") for code in codes)


def test_a_folder_that_is_none_is_said_to_be_none(transactional_db, tmp_path):
    with pytest.raises(CommandError, match="is no folder"):
        loaded(tmp_path / "nothing")


def documented() -> dict[str, tuple[str, set[str], set[str]]]:
    """Read docs/import.md: file name → (target, its columns, those that are bold)."""
    found = {}
    text = (settings.BASE_DIR / "docs" / "import.md").read_text()
    for name, target, columns in re.findall(
        r"^\| `(\w+)` \S+ \| `([\w.]+)` \| [^|]+\| ([^|]+) \|$", text, re.M
    ):
        words = {word.strip() for word in re.sub(r"\([^)]*\)", "", columns).replace("…", "").split(",")}
        bold = {word.strip("*") for word in words if word.startswith("**")}
        found[name] = (target, {word.strip("* ") for word in words}, bold)
    return found


def test_the_columns_of_the_manual_are_those_of_the_targets(db):
    pages = documented()
    assert len(pages) == 15
    for name, (target, columns, bold) in pages.items():
        fields = {one.name: one for one in target_of(target).fields}
        assert columns <= set(fields), (name, columns - set(fields))
        assert {one.name for one in fields.values() if one.is_required} <= bold <= columns, name
