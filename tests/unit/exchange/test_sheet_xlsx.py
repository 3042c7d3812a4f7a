"""Workbooks: typed cells both ways, and hostile files that cost only the child process."""

import io
import resource
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
import xlsxwriter

from jit.exchange.cells import cell_raw
from jit.exchange.formats.sheet_xlsx import workbook_check, workbook_read
from jit.exchange.formats.xlsx_out import OutSheet, xlsx_write
from jit.exchange.sandbox import workbook_rows, workbook_sheets
from jit.exchange.sheet import SheetRefused

SHEET = "xl/worksheets/sheet1.xml"


def workbook(**parts):
    """Return a small workbook's bytes with some of its zip parts replaced."""
    plain = xlsx_write([OutSheet("Sheet1", ["a"], [["1"]])])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as to:
        for info in source.infolist():
            to.writestr(info.filename, parts.get(info.filename, source.read(info.filename)))
    return out.getvalue()


def sheet_xml(cells: str) -> str:
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )


def refused(data) -> str:
    with pytest.raises(SheetRefused) as refusal:
        list(workbook_rows(data))
    return refusal.value.code


def test_typed_cells_come_back_as_what_their_fields_want():
    row = ["00123", "1E5", "SEPT1", "=1+1", "中文", 12, Decimal("0.1"), datetime(2026, 11, 24), True]
    kinds = ["text", "text", "text", "text", "text", "integer", "decimal", "date", "boolean"]
    got = list(workbook_rows(xlsx_write([OutSheet("物料", ["h"] * 9, [row])])))[1]
    raw = [cell_raw(cell, kind) for cell, kind in zip(got, kinds, strict=True)]
    assert raw == ["00123", "1E5", "SEPT1", "=1+1", "中文", "12", "0.1", "2026-11-24", True]


def test_a_number_in_a_text_column_loses_only_the_point_zero():
    got = list(workbook_rows(xlsx_write([OutSheet("s", ["code", "code"], [[4711, 1.5]])])))[1]
    assert [cell_raw(cell, "text") for cell in got] == ["4711", "1.5"]


def test_a_decimal_a_double_cannot_hold_is_written_as_text():
    exact = Decimal("12345678901234567.890001")
    got = list(workbook_rows(xlsx_write([OutSheet("s", ["q"], [[exact]])])))[1]
    assert Decimal(cell_raw(got[0], "decimal")) == exact


def test_nothing_written_is_a_formula():
    bad = ['=HYPERLINK("http://x")', "@SUM(A1)", "+1", "-1", "http://example.org", "1E5"]
    data = xlsx_write([OutSheet("s", ["a"], [[text] for text in bad])])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(SHEET)
        assert b"<f>" not in xml and b"hyperlink" not in xml
    assert [row[0] for row in list(workbook_rows(data))[1:]] == bad


def test_rows_and_columns_are_those_a_person_sees():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("s").write("C4", "x")
    rows = list(workbook_rows(out.getvalue()))
    assert len(rows) == 4 and rows[3] == ["", "", "x"]


def test_hidden_sheets_are_passed_over_and_a_named_one_is_found():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        hidden, shown, other = (book.add_worksheet(name) for name in ("hidden", "shown", "其他"))
        for page in (hidden, shown, other):
            page.write(0, 0, page.name)
        shown.activate()
        shown.set_first_sheet()
        hidden.hide()
    data = out.getvalue()
    assert workbook_sheets(data) == ["shown", "其他"]
    assert list(workbook_rows(data)) == [["shown"]]
    assert list(workbook_rows(data, "其他")) == [["其他"]]
    with pytest.raises(SheetRefused, match="sheet_unknown"):
        list(workbook_rows(data, "nope"))


def test_a_1904_workbook_gives_the_same_day():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"date_1904": True, "default_date_format": "yyyy-mm-dd"}) as book:
        book.add_worksheet().write_datetime(0, 0, datetime(2026, 3, 29))
    assert cell_raw(next(iter(workbook_rows(out.getvalue())))[0], "date") == "2026-03-29"


def test_a_formula_without_a_cached_value_is_empty():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        page.write_formula(0, 0, "=1+1", None, "")
        page.write(0, 1, "end")
    assert cell_raw(next(iter(workbook_rows(out.getvalue())))[0], "text") is None


def test_a_cell_far_away_is_refused_before_anything_grows():
    far = sheet_xml(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    assert refused(workbook(**{SHEET: far})) == "too_many_rows"
    wide = sheet_xml('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>')
    assert refused(workbook(**{SHEET: wide})) == "too_many_columns"


def test_bombs_and_dtds_are_refused():
    assert refused(workbook(**{"xl/styles.xml": b" " * 200_000_000})) == "zip_bomb"
    evil = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    assert refused(workbook(**{SHEET: evil})) == "dtd"


@pytest.mark.parametrize(
    "data", [b"", b"not a workbook", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xx"]
)
def test_what_is_no_workbook_is_refused(data):
    assert refused(data) == "not_a_workbook"


def test_a_file_that_eats_memory_costs_the_child_only():
    """Cells the pre-scan cannot see (no reference, odd quoting) still end at the child's limits."""
    hidden = sheet_xml(
        "<row r='1'><c r='A1'><v>1</v></c></row><row r='900000'><c r='XFD900000'><v>1</v></c></row>"
    )
    data = workbook(**{SHEET: hidden})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(data) in ("too_many_rows", "too_costly")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_a_mutated_workbook_is_read_or_refused():
    """Flip bytes all over a workbook: never another exception, never a hang."""
    whole = xlsx_write([OutSheet("s", ["a", "b"], [[1, "x"], [date(2026, 1, 1), "y"]])])
    refusals = 0
    for place in range(0, len(whole), 41):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        try:
            workbook_check(bytes(broken))
            list(workbook_read(bytes(broken)))
        except SheetRefused:
            refusals += 1
    assert refusals > 10
