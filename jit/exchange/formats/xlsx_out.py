"""A workbook whose cells are typed: a text is a text, never a formula, a link or a number."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

import xlsxwriter

_MAX_CELL = 32_767
_DIGITS = 15  # what a cell's double keeps


@dataclass(frozen=True, slots=True)
class OutSheet:
    """One sheet to write. `marks` colours cells: (row index in `rows`, column index) → 'bad' or 'note'."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[object]]
    widths: Sequence[int] = ()
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)


def xlsx_write(sheets: Sequence[OutSheet], target: BinaryIO | None = None) -> bytes:
    """Write the sheets row by row in constant memory; return the bytes ('' when a `target` is given).

    Decimals go in as numbers when 15 digits hold them exactly, else as text: nothing is rounded on the way.
    Texts longer than a cell may be are cut with an ellipsis. Datetimes lose their zone: convert them first.
    """
    buffer = target if target is not None else io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "remove_timezone": True,
        "default_date_format": "yyyy-mm-dd hh:mm",
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        marks = {
            "bad": book.add_format({"bg_color": "#FBD5D5"}),
            "note": book.add_format({"font_color": "#B42318", "text_wrap": True}),
        }
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:31])
            page.freeze_panes(1, 0)
            for column, width in enumerate(sheet.widths):
                page.set_column(column, column, width)
            for column, text in enumerate(sheet.header):
                page.write_string(0, column, text, head)
            for index, row in enumerate(sheet.rows):
                for column, value in enumerate(row):
                    mark = marks.get(sheet.marks.get((index, column), ""))
                    _cell_write(page, index + 1, column, value, mark, day)
    return buffer.getvalue() if isinstance(buffer, io.BytesIO) and target is None else b""


def _cell_write(page, row: int, column: int, value: object, mark, day) -> None:
    if value is None or value == "":
        if mark is not None:
            page.write_blank(row, column, None, mark)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, mark)
    elif isinstance(value, Decimal | int) and not _fits(value):
        page.write_string(row, column, format(value, "f") if isinstance(value, Decimal) else str(value), mark)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, value, mark)
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value, mark)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, day if mark is None else mark)
    else:
        text = str(value)
        page.write_string(row, column, text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…", mark)


def _fits(value: Decimal | int) -> bool:
    """Whether a double gives the number back digit by digit."""
    number = Decimal(value)
    if not number.is_finite():
        return False
    return len(number.normalize().as_tuple().digits) <= _DIGITS and abs(number) < Decimal(10) ** 300
