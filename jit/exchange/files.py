"""An uploaded file as rows, whatever its kind: what the service and the folder import read from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from jit.exchange.formats.sheet_csv import csv_read
from jit.exchange.sandbox import workbook_rows, workbook_sheets
from jit.exchange.sheet import Cell, SheetRefused

TEXT_KINDS = (".csv", ".txt", ".tsv")
WORKBOOK_KINDS = (".xlsx", ".xlsm", ".xls", ".ods", ".xlsb")
WORKBOOK_BEGINNINGS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a workbook begins that is named as a text table: of today, and of Excel before 2007."""


@dataclass(slots=True)
class Table:
    """A table to be read once, from file row 1 on; `encoding` and `delimiter` are empty for a workbook."""

    rows: Iterator[Sequence[Cell]]
    encoding: str = ""
    delimiter: str = ""
    sheets: list[str] = field(default_factory=list)


def table_open(
    data: bytes, file_name: str, *, sheet: str = "", encoding: str = "", delimiter: str = ""
) -> Table:
    """Open a file by its ending, and by its first bytes where the ending lies.

    Raises: SheetRefused, at once or while the rows are read.
    """
    kind = PurePath(file_name).suffix.lower()
    if kind in WORKBOOK_KINDS or data.startswith(WORKBOOK_BEGINNINGS):
        if "\0" in sheet:  # no name of a sheet, and none that reaches a child process
            raise SheetRefused("sheet_unknown", sheet=sheet.replace("\0", "�"))
        return Table(workbook_rows(data, sheet))
    if kind not in TEXT_KINDS:
        raise SheetRefused("kind_unknown")
    text = csv_read(data, name=file_name, encoding=encoding, delimiter=delimiter)
    return Table(iter(text.rows), encoding=text.encoding, delimiter=text.delimiter)


def sheet_names(data: bytes, file_name: str) -> list[str]:
    """Name the visible sheets of a workbook; [] for a text table. Raises: SheetRefused."""
    if PurePath(file_name).suffix.lower() in WORKBOOK_KINDS or data.startswith(WORKBOOK_BEGINNINGS):
        return workbook_sheets(data)
    return []
