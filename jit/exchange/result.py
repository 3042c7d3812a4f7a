"""The file that goes back: every refused row as it came, with the reasons beside it in both languages."""

from collections.abc import Iterable, Mapping, Sequence

from jit.exchange.formats.xlsx_out import OutSheet, xlsx_write
from jit.exchange.sheet import Cell
from jit.exchange.targets.base import RowFault, TargetField

SHEET = "Refused rows 拒绝行"
OWN = ("File row 原行号", "Problem", "问题", "Code 代码")


def result_write(
    *,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    faults: Sequence[RowFault],
    columns: Mapping[int, str],
    fields: Mapping[str, TargetField],
) -> bytes:
    """Return a workbook with the refused rows: first the original columns, so that it can be sent in again.

    Args:
        header: texts of the header row.
        rows: all rows of the file, from row 1.
        faults: what was refused; several may lie in one row.
        columns: {column: field}; marks the cell at fault.
        fields: labels for the words.
    """
    by_row: dict[int, list[RowFault]] = {}
    for fault in faults:
        by_row.setdefault(fault.row, []).append(fault)
    place_of = {name: column for column, name in columns.items()}
    width = len(header)
    marks: dict[tuple[int, int], str] = {}
    out: list[list[object]] = []
    for number, row in enumerate(rows, start=1):
        found = by_row.get(number)
        if not found:
            continue
        cells: list[object] = [*row[:width], *[""] * (width - len(row))]
        for fault in found:
            if fault.field in place_of:
                marks[len(out), place_of[fault.field]] = "bad"
        marks |= {(len(out), width + place): "note" for place in (1, 2)}
        out.append(
            [
                *cells,
                number,
                "; ".join(_words(fault, fields, "en") for fault in found),
                "；".join(_words(fault, fields, "zh") for fault in found),
                ", ".join(dict.fromkeys(fault.code for fault in found)),
            ]
        )
    widths = [14] * width + [12, 50, 40, 20]
    return xlsx_write([OutSheet(SHEET, [*header, *OWN], out, widths, marks)])


def sample_write(*, fields: Sequence[TargetField], name: str) -> bytes:
    """Return an empty workbook with a target's columns: labels in both languages, `*` = needed."""
    header = [
        f"{field.label.in_language('zh')} {field.label.in_language('en')}{' *' if field.is_required else ''}"
        for field in fields
    ]
    return xlsx_write([OutSheet(name or "Import", header, [], [22] * len(header))])


def _words(fault: RowFault, fields: Mapping[str, TargetField], language: str) -> str:
    field = fields.get(fault.field)
    label = field.label.in_language(language) if field else fault.field
    text = fault.message.in_language(language)
    return f"{label}: {text}" if label else text
