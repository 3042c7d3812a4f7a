"""Folders and messy sheets find their way into our own entities."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from forms_engine.kernel.text import Text
from jit.exchange.formats.sheet_csv import csv_read
from jit.exchange.formats.xlsx_out import OutSheet, xlsx_write
from jit.exchange.layouts import inventree, own, renault
from jit.exchange.layouts.step import Setting
from jit.exchange.mapping import Target
from jit.exchange.reading import Reading, header_of
from jit.exchange.result import OWN, result_write, sample_write
from jit.exchange.sandbox import workbook_rows
from jit.exchange.sheet import rows_as_dicts
from jit.exchange.targets.base import RowFault, TargetField
from tests.shared_data import shared_folder

PARIS = ZoneInfo("Europe/Paris")
SETTING = Setting("CC6", PARIS, "Europe/Paris", datetime(2024, 3, 19, tzinfo=UTC))
ITEM = {
    "code": TargetField("code", "text", Text("Item code", "物料编码"), True),
    "name": TargetField("name", "text", Text("Name", "名称"), True),
    "unit": TargetField("unit", "reference", Text("Unit", "单位"), True),
    "safety_stock": TargetField("safety_stock", "decimal", Text("Safety stock", "安全库存")),
}
CHOICES = {
    "catalog.item": [field.target() for field in ITEM.values()],
    "catalog.supplier": [
        Target("code", ("Supplier code", "供应商编码"), True),
        Target("name", ("Name", "名称")),
    ],
}


def sheet(*rows):
    return [list(row) for row in rows]


def test_a_messy_sheet_gives_clean_rows_and_named_faults():
    """Title line, merged header, full-width digits, a unit in brackets, an empty row, one bad row (T39)."""
    rows = sheet(
        ["某某公司物料表", "", "", ""],
        ["物料编码", "名称", "计划", ""],
        ["", "", "单位", "安全库存(个)"],
        ["00123", "螺栓", "个", "１２"],
        ["", "", "", ""],
        ["1E5", "螺母", "个", "很多"],
        ["SEPT1", "垫片", "个", 5.0],
    )
    found = own.target_guess("Sheet1", rows, CHOICES)
    assert found is not None and found.target == "catalog.item"
    reading = Reading(ITEM, found.columns, header_row=3)
    assert header_of(rows, 3) == ["物料编码", "名称", "单位", "安全库存(个)"]
    assert list(reading.raws(iter(rows))) == [
        (4, {"code": "00123", "name": "螺栓", "unit": "个", "safety_stock": "12"}),
        (7, {"code": "SEPT1", "name": "垫片", "unit": "个", "safety_stock": "5"}),
    ]
    assert [(f.row, f.field, f.code, f.value) for f in reading.faults] == [
        (6, "safety_stock", "not_a_number", "很多")
    ]
    assert reading.rows_in == 3


def test_a_missing_needed_cell_is_said_once():
    reading = Reading(ITEM, {0: "code", 1: "name", 2: "unit"})
    assert list(reading.raws(iter([["c", "n", "u"], ["A1", "", "pcs"]]))) == []
    assert [(f.field, f.code) for f in reading.faults] == [("name", "required")]


def test_a_table_is_known_by_its_file_name_or_its_columns():
    rows = sheet(["编码", "名称", "单位"], ["1", "x", "个"])
    assert own.target_guess("物料", rows, CHOICES).target == "catalog.item"
    assert own.target_guess("suppliers", rows, CHOICES).target == "catalog.supplier"
    assert own.target_guess("whatever", sheet(["a", "b"], ["1", "2"]), CHOICES) is None


def test_the_result_file_holds_the_bad_rows_as_they_came_and_the_reasons():
    rows = [["编码", "安全库存"], ["00123", "1"], ["00124", "很多"]]
    fault = RowFault(3, "safety_stock", "not_a_number", Text("This is not a number.", "不是数字。"), "很多")
    data = result_write(
        header=rows[0], rows=rows, faults=[fault], columns={0: "code", 1: "safety_stock"}, fields=ITEM
    )
    back = list(workbook_rows(data))
    assert back[0] == [*rows[0], *OWN]
    assert back[1] == [
        "00124", "很多", 3, "Safety stock: This is not a number.", "安全库存: 不是数字。", "not_a_number",
    ]  # fmt: skip
    assert len(back) == 2


def test_a_sample_file_is_recognised_when_it_comes_back():
    header = next(workbook_rows(sample_write(fields=list(ITEM.values()), name="物料")))
    found = own.target_guess("Sheet1", [header, ["1", "x", "个", "2"]], CHOICES)
    assert dict(found.columns) == {0: "code", 1: "name", 2: "unit", 3: "safety_stock"}


def test_a_workbook_of_several_sheets_is_read_sheet_by_sheet():
    data = xlsx_write(
        [OutSheet("物料", ["编码", "名称", "单位"], [["1", "x", "个"]]), OutSheet("空", [], [])]
    )
    assert own.target_guess("物料", list(workbook_rows(data, "物料")), CHOICES).target == "catalog.item"
    assert own.target_guess("空", list(workbook_rows(data, "空")), CHOICES) is None


@pytest.mark.parametrize(
    ("name", "rows", "trucks", "lanes"), [("CC6", 2138, 464, 2676), ("FS2", 2808, 425, 4222)]
)
def test_the_renault_folder_becomes_requirements_trucks_and_lanes(name, rows, trucks, lanes):
    folder = shared_folder("renault_inbound") / name
    files = {file: rows_as_dicts(csv_read((folder / f"{file}.csv").read_bytes())) for file in renault.FILES}
    plan = renault.plan_make(files, SETTING)
    by_target = {step.target: step.rows for step in plan.steps}
    assert plan.refusals == []
    assert len(by_target["supply.inboundrequirement"]) == rows
    assert len(by_target["supply.plannedtruck"]) == trucks
    assert len(by_target["supply.trucklane"]) == lanes
    number, first = by_target["supply.inboundrequirement"][0]
    assert number == 2 and len(first["supplier"]) == 10 and first["supplier"].startswith("00")
    assert first["earliest"].endswith("+02:00")


def test_the_inventree_folder_becomes_items_boms_stock_and_orders():
    folder = shared_folder("bom_inventree")
    files = {file: rows_as_dicts(csv_read((folder / f"{file}.csv").read_bytes())) for file in inventree.NAMES}
    assert inventree.is_this(path.stem for path in folder.glob("*.csv"))
    plan = inventree.plan_make(files, SETTING)
    by_target = {step.target: [row for _n, row in step.rows] for step in plan.steps}
    assert plan.refusals == []
    assert len(by_target["catalog.item"]) == 414
    assert len(by_target["planning.demand"]) == 6
    assert {row["due_at"] for row in by_target["planning.demand"]} == {SETTING.as_of.isoformat()}
    pairs = [(row["item"], row["supplier"]) for row in by_target["catalog.sourcingrule"]]
    assert len(pairs) == len(set(pairs)) == 619
    lines = [(row["item"], row["line_no"]) for row in by_target["bom"]]
    assert len(lines) == len(set(lines)) > 228
