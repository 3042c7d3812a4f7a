"""A folder of a small plant's own messy files becomes a plant (T39)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from forms_engine.access.actor import Actor
from jit.catalog.models import BomLine, Item, Location, SourcingRule, Supplier
from jit.exchange.formats.csv_out import csv_write
from jit.exchange.formats.xlsx_out import OutSheet, xlsx_write
from jit.exchange.services.folders import FolderRefused, import_folder, result_dump, skipped_lines
from jit.planning.models import Demand
from jit.stock.models import Balance
from tests.unit.exchange.test_renault import ITEM, TRUCK

ACTOR = Actor.system("load")


@pytest.fixture
def folder(tmp_path, db):
    """Workbooks with titles and merged headers, a GB18030 file, full-width digits, and some bad rows."""
    masters = [
        OutSheet("单位", ["编码", "名称", "小数位"], [["个", "个", 0], ["米", "米", 2]]),
        OutSheet("工厂", ["工厂编码", "工厂名称"], [["P1", "一厂"]]),
        OutSheet(
            "库位",
            ["库位编码", "库位名称", "类型", "工厂"],
            [["A-01", "主仓", "仓库", "P1"], ["D1", "一号码头", "DOCK", "P1"]],
        ),
        OutSheet(
            "物料",
            ["某某公司物料主数据", "", "", ""],
            [
                ["物料编码", "名称", "计划参数", ""],
                ["", "", "计量单位", "安全库存"],
                ["00100", "支架总成", "个", "１０"],
                ["1E5", "螺栓", "个", "1,000"],
                ["00123", "线束", "米", 2.5],
                ["00124", "坏行", "箱", 1],
            ],
        ),
    ]
    (tmp_path / "主数据.xlsx").write_bytes(xlsx_write(masters))
    bom = [
        ["父件", "子件", "单位用量", "损耗率"],
        ["00100", "1E5", 4, "2%"],
        ["00100", "00123", 1.25, ""],
        ["1E5", "00100", 1, ""],
    ]
    (tmp_path / "物料清单.xlsx").write_bytes(xlsx_write([OutSheet("Sheet1", bom[0], bom[1:])]))
    suppliers = "供应商编码;供应商名称;联系电话\r\n0007;华东精密;013800000000\r\n"
    (tmp_path / "供应商.csv").write_bytes(suppliers.encode("gb18030"))
    (tmp_path / "货源.csv").write_bytes(csv_write(["料号", "供应商", "包装数量"], [["1E5", "0007", 50]]))
    stock = [["1E5", "A-01", "1,200"], ["00123", "A-01", "０"], ["NOPE", "A-01", "1"]]
    (tmp_path / "库存.csv").write_bytes(csv_write(["物料编码", "仓库", "现存量"], stock))
    demand = [["SO-1", "某客户", "P1", "00100", 20, "2026年11月24日"]]
    (tmp_path / "需求.csv").write_bytes(csv_write(["订单号", "客户", "工厂", "物料", "数量", "交期"], demand))
    (tmp_path / "readme.txt").write_text("not a table")
    return tmp_path


def test_messy_files_become_a_plant_and_bad_rows_are_listed(folder):
    result = import_folder(actor=ACTOR, folder=folder)
    assert result.layout == "own"
    assert [step.target for step in result.steps] == [
        "catalog.unit", "catalog.plant", "catalog.location", "catalog.supplier", "catalog.item",
        "catalog.sourcingrule", "bom", "stock", "planning.demand",
    ]  # fmt: skip
    assert dict(Item.objects.values_list("code", "safety_stock")) == {
        "00100": 10, "1E5": 1000, "00123": Decimal("2.5"),
    }  # fmt: skip
    assert Location.objects.get(code="A-01").kind == "STORE"
    assert list(Supplier.objects.values_list("code", "name", "phone")) == [
        ("0007", "华东精密", "013800000000")
    ]
    assert SourcingRule.objects.get().pack_quantity == 50
    lines = BomLine.objects.order_by("line_no").values_list("component__code", "quantity_per", "scrap_ratio")
    assert list(lines) == [("1E5", 4, Decimal("0.02")), ("00123", Decimal("1.25"), 0)]
    assert Balance.objects.get(item__code="1E5", location__code="A-01").quantity == 1200
    assert Demand.objects.get(number="SO-1").due_at == datetime(2026, 11, 23, 16, tzinfo=UTC)
    bad = {
        (step.target, fault.row, fault.field, fault.code)
        for step in result.steps
        for fault in step.outcome.faults
    }
    assert bad == {
        ("catalog.item", 7, "unit", "reference.unknown"),
        ("bom", 4, "component", "cycle"),
        ("stock", 4, "item", "unknown"),
    }
    again = import_folder(actor=ACTOR, folder=folder)
    assert sum(step.outcome.created + step.outcome.updated for step in again.steps) == 0


def test_files_nothing_was_taken_from_are_named(folder):
    (folder / "包装.csv").write_bytes(csv_write(["编码", "名称"], []))
    (folder / "工厂.csv").write_bytes(csv_write(["工厂编码", "工厂名称"], [["", ""]]))
    (folder / "供货协议.csv").write_bytes(b"")
    sheets = [OutSheet("单位", ["编码", "名称"], []), OutSheet("Sheet2", [""], [])]
    (folder / "更多.xlsx").write_bytes(xlsx_write(sheets))
    result = import_folder(actor=ACTOR, folder=folder)
    assert {(one.source, one.code) for one in result.skipped} == {
        ("readme.txt", "unknown"),
        ("包装.csv", "no_rows"),
        ("工厂.csv", "no_rows"),
        ("供货协议.csv", "empty"),
        ("更多.xlsx 单位", "no_rows"),
    }
    assert "包装.csv" not in {step.source for step in result.steps}
    assert any("包装.csv" in line for line in skipped_lines(result))
    told = {one["source"]: one["reason"] for one in result_dump(result)["skipped"]}
    assert told["包装.csv"] == {"en": "headings only, no rows under them", "zh": "只有表头，没有数据行"}


def test_a_folder_of_headings_only_is_refused_by_the_names_of_its_files(tmp_path, db):
    for name in ("物料", "供应商"):
        (tmp_path / f"{name}.csv").write_bytes(csv_write(["编码", "名称", "计量单位"], []))
    with pytest.raises(FolderRefused) as refusal:
        import_folder(actor=ACTOR, folder=tmp_path)
    assert "物料.csv" in refusal.value.in_language("zh") and "供应商.csv" in refusal.value.in_language("en")


def test_a_known_layout_names_its_empty_file_and_is_refused_when_all_are(tmp_path, db):
    (tmp_path / "input_items.csv").write_text(";".join(ITEM) + "\n")
    trucks = [";".join(TRUCK), ";".join(TRUCK.values())]
    (tmp_path / "input_trucks.csv").write_text("\n".join(trucks) + "\n")
    result = import_folder(actor=ACTOR, folder=tmp_path)
    assert [(one.source, one.code) for one in result.skipped] == [("input_items.csv", "no_rows")]
    (tmp_path / "input_trucks.csv").write_text(trucks[0] + "\n")
    with pytest.raises(FolderRefused) as refusal:
        import_folder(actor=ACTOR, folder=tmp_path)
    assert "input_items.csv, input_trucks.csv" in refusal.value.in_language("en")


def test_a_folder_with_nothing_known_is_refused(tmp_path, db):
    (tmp_path / "photos.csv").write_bytes(csv_write(["a", "b"], [["1", "2"]]))
    with pytest.raises(FolderRefused):
        import_folder(actor=ACTOR, folder=tmp_path)
