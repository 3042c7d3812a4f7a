"""A stored import read again: its rows as raw values, with what no field can take put aside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from jit.exchange.cells import CellFault, cell_raw, text_read
from jit.exchange.mapping import header_merged
from jit.exchange.sheet import Cell
from jit.exchange.targets.base import RowFault, TargetField
from jit.exchange.texts import cell_text


@dataclass(slots=True)
class Reading:
    """How one file is read: header row, which column is which field, how numbers and times are written."""

    fields: Mapping[str, TargetField]
    columns: Mapping[int, str]
    header_row: int = 1
    decimal_comma: bool = False
    zone: str = "Asia/Shanghai"
    faults: list[RowFault] = field(default_factory=list)
    rows_in: int = 0

    def raws(self, rows: Iterator[Sequence[Cell]]) -> Iterator[tuple[int, dict[str, object]]]:
        """Yield (file row, {field: raw}) of every row below the header that holds anything.

        A row with a cell its field cannot take is put into `faults` instead, all its cells at once.
        """
        zone = ZoneInfo(self.zone)
        wanted = [(column, name, self.fields[name].kind) for column, name in sorted(self.columns.items())]
        needed = [field.name for field in self.fields.values() if field.is_required]
        mapped = set(self.columns.values())
        for number, row in enumerate(rows, start=1):
            if number <= self.header_row or not any(cell not in (None, "") for cell in row):
                continue
            self.rows_in += 1
            raw: dict[str, object] = {}
            bad = []
            for column, name, kind in wanted:
                cell = row[column] if column < len(row) else None
                try:
                    raw[name] = cell_raw(cell, kind, decimal_comma=self.decimal_comma, zone=zone)
                except CellFault as fault:
                    words = cell_text(fault.code, value=text_read(cell))
                    bad.append(RowFault(number, name, fault.code, words, text_read(cell)))
            bad += [
                RowFault(number, name, "required", cell_text("required"))
                for name in needed
                if raw.get(name) is None and name in mapped and not any(fault.field == name for fault in bad)
            ]
            if bad:
                self.faults += bad
            else:
                yield number, raw


def header_of(rows: Sequence[Sequence[Cell]], header_row: int) -> list[str]:
    """Return the header's texts out of a file's first rows, merged cells filled."""
    if header_row > len(rows):
        return []
    return header_merged(rows, header_row)
