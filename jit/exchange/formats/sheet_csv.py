"""Text tables: CSV in any encoding and with any usual separator, every cell kept as the text it is.

Nothing is guessed about a cell: `00123`, `1E5`, `SEPT1` and `2026-11` come out as they went in. What a field
makes of the text is decided later, by the field's type.
"""

import csv
import io
from collections.abc import Sequence

from jit.exchange.encodings import encoding_guess
from jit.exchange.sheet import MAX_COLUMNS, MAX_ROWS, Sheet, SheetRefused

DELIMITERS = (",", ";", "\t", "|")
MAX_BYTES = 50 * 1024 * 1024
MAX_CELL = 32_767

#: How a PDF, a picture, an archive, a program or an old Office file begins, whatever its name says.
_NO_TABLES = (
    *(
        b"%PDF-",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"RIFF",
        b"{\\rtf",
        b"Rar!",
        b"7z\xbc\xaf",
        b"\x1f\x8b",
    ),
    *(b"BZh", b"\xfd7zXZ", b"PK\x05\x06", b"\x7fELF", b"SQLite format", b"\xd0\xcf\x11\xe0"),
)


def csv_read(data: bytes, *, name: str = "", encoding: str = "", delimiter: str = "") -> Sheet:
    """Return the table as text cells; encoding and delimiter are found unless given.

    The sheet's `encoding` and `delimiter` say what was used, so that a person can confirm them.

    Raises: SheetRefused `too_big`, `binary`, `encoding_unknown` (none reads it), `encoding_wrong` (the given
        one does not), `not_a_table`, `too_many_rows`, `too_many_columns` or `cell_too_long`.
    """
    if len(data) > MAX_BYTES:
        raise SheetRefused("too_big", megabytes=MAX_BYTES // 1024 // 1024)
    if data.startswith(_NO_TABLES):
        raise SheetRefused("binary")
    encoding = encoding or encoding_guess(data)
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise SheetRefused("encoding_wrong", encoding=encoding) from None
    text = text.removeprefix("\ufeff")
    if "\x00" in text:
        raise SheetRefused("binary")
    delimiter = delimiter or delimiter_guess(text)
    return Sheet(name, _rows(text, delimiter), encoding=encoding, delimiter=delimiter)


def delimiter_guess(text: str) -> str:
    """Return the separator that cuts the first lines into the most, and equally many, cells.

    A `sep=;` line, as Excel writes it, decides at once. A table of one column gives a comma.
    """
    first = text[:200].split("\n", 1)[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4]
    head = text[:65_536]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        lines = []
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
            if any(row):
                lines.append(len(row))
            if len(lines) == 30:
                break
        if len(head) == 65_536 and len(lines) > 1:
            lines.pop()  # the head may end inside a line
        if not lines or max(lines) < 2:
            continue
        usual = max(set(lines), key=lines.count)
        score = (lines.count(usual) / len(lines), usual) if usual > 1 else (0.0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _rows(text: str, delimiter: str) -> list[Sequence[str]]:
    csv.field_size_limit(MAX_CELL * 4)
    rows: list[Sequence[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if not rows and len(row) <= 2 and "".join(row).lower().startswith("sep="):
                continue
            if len(rows) == MAX_ROWS:
                raise SheetRefused("too_many_rows", rows=MAX_ROWS)
            if len(row) > MAX_COLUMNS:
                raise SheetRefused("too_many_columns", columns=MAX_COLUMNS)
            if row and max(map(len, row)) > MAX_CELL:
                raise SheetRefused("cell_too_long", row=len(rows) + 1, characters=MAX_CELL)
            rows.append(row)
    except csv.Error:
        raise SheetRefused("not_a_table", row=len(rows) + 1) from None
    return rows
