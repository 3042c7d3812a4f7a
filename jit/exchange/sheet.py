"""What every spreadsheet codec hands over: rows as they stand in the file, and problems with their place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

#: A cell as the file holds it. CSV has only text; a workbook also has numbers, booleans and times.
Cell = str | int | float | bool | date | datetime | time | timedelta | None

MAX_ROWS = 200_000
MAX_COLUMNS = 500


class SheetRefused(ValueError):
    """The file as a whole cannot be read. `code` names the reason, `params` fill its text."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell (`column` '' = the row). `row` counts as a person does: first row = 1."""

    row: int
    column: str
    code: str
    params: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Sheet:
    """All rows of one sheet, header included. `rows[i]` stands in file row `i + 1`."""

    name: str
    rows: list[Sequence[Cell]]
    encoding: str = ""
    delimiter: str = ""
    notes: list[str] = field(default_factory=list)


def rows_as_dicts(sheet: Sheet, header_row: int = 1) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Yield (file row, {header: cell}) for every non-empty row below `header_row`; short rows are filled."""
    header = [str(cell or "").strip() for cell in sheet.rows[header_row - 1]] if sheet.rows else []
    for index in range(header_row, len(sheet.rows)):
        row = sheet.rows[index]
        if not any(cell not in (None, "") for cell in row):
            continue
        cells = list(row[: len(header)]) + [""] * (len(header) - len(row))
        yield index + 1, dict(zip(header, cells, strict=True))
