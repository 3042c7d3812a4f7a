"""A first look at a file: how it seems to be written, and which column seems to be which field."""

from dataclasses import dataclass

from jit.exchange.cells import NUMBER_TYPES, decimal_comma_guess
from jit.exchange.files import table_open
from jit.exchange.mapping import columns_guess, header_row_guess
from jit.exchange.models import ImportBatch, ImportMapping
from jit.exchange.reading import header_of
from jit.exchange.sheet import SheetRefused
from jit.exchange.targets.registry import target_of
from jit.exchange.texts import file_refused

HEAD_ROWS = 200


@dataclass(frozen=True, slots=True)
class Look:
    """How a file seems to be read, by a look at its first rows."""

    encoding: str
    delimiter: str
    header_row: int
    header: list[str]
    mapping: dict[str, str]
    decimal_comma: bool

    def onto(self, batch: ImportBatch) -> None:
        """Put it on an import, unsaved."""
        for name in self.__slots__:
            setattr(batch, name, getattr(self, name))


def look_at(target: str, data: bytes, file_name: str, *, sheet: str = "", encoding: str = "") -> Look:
    """Guess header row, columns (as remembered), separator and decimal comma; the encoding unless given.

    Raises: FileRefused when it cannot be read; NotFound for an unknown target.
    """
    wanted = target_of(target)
    targets = [field.target() for field in wanted.fields]
    try:
        table = table_open(data, file_name, sheet=sheet, encoding=encoding)
        head = [row for row, _place in zip(table.rows, range(HEAD_ROWS), strict=False)]
        if not any(any(cell not in (None, "") for cell in row) for row in head):
            raise SheetRefused("empty")
        header_row = header_row_guess(head, targets)
        if len(head) < HEAD_ROWS and not any(
            cell not in (None, "") for row in head[header_row:] for cell in row
        ):
            raise SheetRefused("no_rows", row=header_row)
    except SheetRefused as refusal:
        raise file_refused(refusal) from refusal
    header = header_of(head, header_row)
    guesses = columns_guess(header, targets, _remembered(target))
    kinds = {field.name: field.kind for field in wanted.fields}
    numbers = [guess.column for guess in guesses if kinds[guess.field] in NUMBER_TYPES]
    cells = [row[column] for row in head[header_row:] for column in numbers if column < len(row)]
    return Look(
        encoding=table.encoding,
        delimiter=table.delimiter,
        header_row=header_row,
        header=header,
        mapping={str(guess.column): guess.field for guess in guesses},
        decimal_comma=decimal_comma_guess(cells),
    )


def _remembered(target: str) -> dict[str, str]:
    return dict(ImportMapping.objects.filter(target=target).values_list("header_key", "field"))
