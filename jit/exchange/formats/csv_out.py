"""A table as CSV that a spreadsheet program opens without running anything in it."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

#: A text that starts with one of these may be taken for a formula; it gets an apostrophe in front.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_write(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ",", guard: bool = True
) -> bytes:
    """Return UTF-8 with a byte order mark (so that Excel reads Chinese), CRLF, the header first.

    With `guard`, texts that look like formulas get a leading apostrophe; numbers never do, so -5 stays -5.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([_cell(cell, guard) for cell in header])
    writer.writerows([_cell(cell, guard) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _cell(value: object, guard: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    text = str(value)
    return f"'{text}" if guard and text.startswith(FORMULA_STARTS) else text
