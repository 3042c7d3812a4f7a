"""Workbooks (.xlsx, .xlsm, .xls, .ods): checked before they are opened, then read with calamine.

`workbook_check` looks at the zip alone. `workbook_read` must run in a process that may be killed
(`jit.exchange.sandbox` gives it memory and time limits): a hostile file costs that process only.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from jit.exchange.sheet import MAX_COLUMNS, MAX_ROWS, Cell, SheetRefused

MAX_BYTES = 50 * 1024 * 1024
MAX_UNZIPPED = 400 * 1024 * 1024
MAX_RATIO = 100
MAX_PARTS = 2_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml$")
_CELL = re.compile(rb'<(?:\w+:)?c [^>]{0,200}?\br="([A-Z]{1,4})(\d{1,9})"')
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
_SMALL = 1024 * 1024  # a part this small may be compressed by any ratio


@dataclass(frozen=True, slots=True)
class SheetHead:
    """A sheet's name, whether it is shown, and how many rows it has."""

    name: str
    is_visible: bool
    height: int


def workbook_check(data: bytes) -> None:
    """Refuse what must not be opened, by the zip's own words and a scan of its parts.

    Raises: SheetRefused `too_big`, `not_a_workbook`, `zip_bomb`, `dtd`, `too_many_rows` or
        `too_many_columns`.
    """
    if len(data) > MAX_BYTES:
        raise SheetRefused("too_big", megabytes=MAX_BYTES // 1024 // 1024)
    if data.startswith(_OLE):
        return  # the old binary .xls is no zip; the sandbox bounds it
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNZIPPED:
                raise SheetRefused("zip_bomb")
            for part in parts:
                if part.file_size > max(_SMALL, part.compress_size * MAX_RATIO):
                    raise SheetRefused("zip_bomb")
                if part.filename.lower().endswith((".xml", ".rels")):
                    _part_scan(archive, part)
    except _BROKEN as error:
        if isinstance(error, SheetRefused):
            raise
        raise SheetRefused("not_a_workbook") from error


def sheet_heads(data: bytes) -> list[SheetHead]:
    """List the worksheets. Raises: SheetRefused `not_a_workbook` or `locked`."""
    with _opened(data) as book:
        return [
            SheetHead(meta.name, meta.visible == SheetVisibleEnum.Visible, 0) for meta in book.sheets_metadata
        ]


def workbook_read(data: bytes, sheet: str = "") -> Iterator[list[Cell]]:
    """Yield the rows of one sheet from its first row on (the first visible sheet unless named).

    Leading empty rows and columns are kept, so that row and column are those a person sees. A formula gives
    its cached value, or '' without one.

    Raises: SheetRefused `not_a_workbook`, `locked`, `sheet_unknown`, `too_many_rows` or `too_many_columns`.
    """
    with _opened(data) as book:
        names = [m.name for m in book.sheets_metadata if m.visible == SheetVisibleEnum.Visible]
        name = sheet or next(iter(names or book.sheet_names), "")
        if name not in book.sheet_names:
            raise SheetRefused("sheet_unknown", sheet=name)
        try:
            page = book.get_sheet_by_name(name)
            if page.start is None or page.end is None:
                return
            if page.end[0] >= MAX_ROWS:
                raise SheetRefused("too_many_rows", rows=MAX_ROWS)
            if page.end[1] >= MAX_COLUMNS:
                raise SheetRefused("too_many_columns", columns=MAX_COLUMNS)
            # calamine begins at the first row of the sheet, but at the first used column.
            indent: list[Cell] = [""] * page.start[1]
            for row in page.iter_rows():
                yield indent + row if indent else row
        except CalamineError as error:
            raise SheetRefused("not_a_workbook") from error


def _opened(data: bytes) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except CalamineError as error:
        locked = "password" in str(error).lower()
        raise SheetRefused("locked" if locked else "not_a_workbook") from error


def _part_scan(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read one XML part in pieces: no DTD in any, no cell outside the limits in a worksheet."""
    is_sheet = bool(_SHEET_PART.search(part.filename))
    tail = b""
    size = 0
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 20):
            size += len(chunk)
            if size > MAX_UNZIPPED:
                raise SheetRefused("zip_bomb")
            if not tail and b"\x00" in chunk[:200]:
                raise SheetRefused("not_a_workbook")  # UTF-16 could hide a DTD from the scan
            piece = tail + chunk
            if _DOCTYPE.search(piece):
                raise SheetRefused("dtd")
            if is_sheet:
                _cells_check(piece)
            tail = piece[-300:]


def _cells_check(piece: bytes) -> None:
    """Look at the last cell of the piece and at every row's first: rows only grow downwards."""
    for column, row in _CELL.findall(piece):
        if len(column) > 2 or int(row) > MAX_ROWS:
            if int(row) > MAX_ROWS:
                raise SheetRefused("too_many_rows", rows=MAX_ROWS)
            if _column_number(column) > MAX_COLUMNS:
                raise SheetRefused("too_many_columns", columns=MAX_COLUMNS)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
