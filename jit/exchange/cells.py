"""From a cell, as a file holds it, to the raw value a field's cleaning expects. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation

from jit.exchange.sheet import Cell

TEXT_TYPES = frozenset({"text", "long_text", "serial", "scan", "choice", "reference", "lookup"})
NUMBER_TYPES = frozenset({"decimal", "quantity", "money", "percent"})
YES = frozenset({"1", "true", "yes", "y", "t", "x", "是", "真", "有", "对", "√"})
NO = frozenset({"0", "false", "no", "n", "f", "", "-", "否", "假", "无", "错", "×"})

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_AMOUNT = re.compile(r"(?P<number>[+-]?[\d.,' ]*\d\.?)\s*(?P<unit>[^\W\d_][^\s\d]{0,19})")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([,' ]\d{3})+(\.\d+)?")
_YMD = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_DMY_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_TIME = re.compile(r"(\d{1,2})[:：时](\d{1,2})分?(?:[:：](\d{1,2})(?:\.\d+)?)?秒?")
_ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
_EXCEL_EPOCH = datetime(1899, 12, 30)


class CellFault(ValueError):
    """A cell that cannot be of its field's type; `code` names why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def cell_raw(cell: Cell, kind: str, *, decimal_comma: bool = False, zone: tzinfo | None = None) -> object:
    """Return the cell as a raw value for a field of type `kind`; None for an empty one.

    Text stays text to the letter (outer blanks go); a number in a text field loses the `.0` a workbook gives
    it. Decimals come as exact text, dates as ISO, datetimes as ISO with an offset: a time without zone is
    taken in `zone` (the plant's). A quantity keeps a unit written behind it: the door converts it.

    Raises: CellFault `not_a_number`, `not_an_integer`, `not_a_date`, `not_a_time`, `ambiguous_date`,
        `time_missing` (in the zone's spring gap) or `not_a_boolean`.
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if kind == "quantity":
        return amount_read(cell, decimal_comma=decimal_comma)
    if kind in NUMBER_TYPES:
        return format(number_read(cell, decimal_comma=decimal_comma), "f")
    if kind == "integer":
        number = number_read(cell, decimal_comma=decimal_comma)
        if number != number.to_integral_value():
            raise CellFault("not_an_integer")
        return str(int(number))
    if kind == "date":
        return date_read(cell).isoformat()
    if kind == "datetime":
        return _placed(time_read(cell), zone).isoformat()
    if kind == "boolean":
        return boolean_read(cell)
    return text_read(cell)


def text_read(cell: Cell) -> str:
    """Return the text a person would have typed for this cell."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return format(_exact(cell), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return str(cell).strip()


def number_read(cell: Cell, *, decimal_comma: bool = False) -> Decimal:
    """Return the exact number: full-width digits, thousands marks, a decimal comma if said, percent."""
    if isinstance(cell, bool | date | time | timedelta):
        raise CellFault("not_a_number")
    if isinstance(cell, int | float):
        return _exact(cell)
    text = unicodedata.normalize("NFKC", str(cell)).strip().replace("\u2212", "-").replace("\xa0", " ")
    percent = text.endswith("%")
    text = text.rstrip("% ")
    if decimal_comma:
        text = text.replace(",", "\x00").replace(".", ",").replace("\x00", ".")
    if _THOUSANDS.fullmatch(text):
        text = re.sub("[,' ]", "", text)
    if not _NUMBER.fullmatch(text):
        raise CellFault("not_a_number")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise CellFault("not_a_number") from None
    if abs(number.adjusted()) > 40:
        raise CellFault("not_a_number")
    number = number / 100 if percent else number
    return number if number else Decimal(0)


def amount_read(cell: Cell, *, decimal_comma: bool = False) -> str:
    """Return a quantity as the door takes it: the exact number, and its unit if one is written behind it."""
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", cell).strip()) if isinstance(cell, str) else None
    if found is None:
        return format(number_read(cell, decimal_comma=decimal_comma), "f")
    return f"{number_read(found['number'], decimal_comma=decimal_comma):f} {found['unit']}"


def decimal_comma_guess(cells: Iterable[Cell]) -> bool:
    """Whether a column's numbers carry a decimal comma: some cell can be read only so, and none otherwise."""
    comma = point = False
    for cell in cells:
        if not isinstance(cell, str):
            continue
        text = cell.strip()
        comma |= bool(re.fullmatch(r"[+-]?\d+,(\d{1,2}|\d{4,}|\d{3})", text)) and not re.fullmatch(
            r"[+-]?[1-9]\d{0,2},\d{3}", text
        )
        comma |= bool(re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+", text))
        point |= bool(re.fullmatch(r"[+-]?\d+\.\d+|[+-]?\d{1,3}(,\d{3})+\.\d+", text))
    return comma and not point


def boolean_read(cell: Cell) -> bool:
    """Return yes or no, as written in either language."""
    if isinstance(cell, bool):
        return cell
    text = text_read(cell).casefold()
    if text in YES:
        return True
    if text in NO:
        return False
    raise CellFault("not_a_boolean")


def date_read(cell: Cell) -> date:
    """Return the day of a date cell, a day number or a text in a usual order; nothing is guessed."""
    return time_read(cell).date()


def time_read(cell: Cell) -> datetime:
    """Return the moment a cell names, without zone unless the text carries one; midnight when only a day."""
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, bool | time | timedelta) or cell is None:
        raise CellFault("not_a_time")
    if isinstance(cell, int | float):
        if 20_000 <= cell < 80_000:  # a day number whose format was lost: 1954 to 2119
            return _EXCEL_EPOCH + timedelta(minutes=round(cell * 1440))
        cell = text_read(cell)
    return _time_parse(unicodedata.normalize("NFKC", cell).strip())


def _time_parse(text: str) -> datetime:
    compact = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
    try:
        if text.isdigit() and len(text) in compact:
            return datetime.strptime(text, compact[len(text)])
        if re.match(r"\d{4}-\d{2}-\d{2}T", text):
            return datetime.fromisoformat(text)
        day, rest = _day_parse(text)
        zone = _ZONE.search(rest)
        if zone:
            return datetime.fromisoformat(f"{day}T{_clock_parse(rest[: zone.start()])}{zone[0]}")
        return datetime.combine(day, _clock_parse(rest))
    except CellFault:
        raise
    except ValueError:
        raise CellFault("not_a_date") from None


def _day_parse(text: str) -> tuple[date, str]:
    """Cut the day off the front; return it and the rest of the text."""
    if match := _YMD.match(text):
        return date(int(match[1]), int(match[2]), int(match[3])), text[match.end() :].strip()
    if match := _DMY_DOTS.match(text):
        return date(int(match[3]), int(match[2]), int(match[1])), text[match.end() :].strip()
    if match := _SLASHES.match(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if first <= 12 and second <= 12 and first != second:
            raise CellFault("ambiguous_date")
        day, month = (first, second) if first > 12 else (second, first)
        return date(year, month, day), text[match.end() :].strip()
    raise CellFault("not_a_date")


def _clock_parse(text: str) -> time:
    if not text.strip():
        return time()
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise CellFault("not_a_time")
    return time(int(match[1]), int(match[2]), int(match[3] or 0))


def _placed(moment: datetime, zone: tzinfo | None) -> datetime:
    """Give a moment without zone the plant's; a wall time that does not exist there is refused."""
    if moment.tzinfo is not None or zone is None:
        return moment
    placed = moment.replace(tzinfo=zone)
    utc = placed.utcoffset()
    there = (moment - utc if utc else moment).replace(tzinfo=None)
    back = datetime.fromtimestamp((there - datetime(1970, 1, 1)).total_seconds(), tz=zone)
    if back.replace(tzinfo=None) != moment:
        raise CellFault("time_missing")
    return placed


def _exact(number: int | float) -> Decimal:
    """Return what the cell shows: 15 significant digits, as spreadsheets keep."""
    if isinstance(number, int):
        return Decimal(number)
    if number != number or number in (float("inf"), float("-inf")):
        raise CellFault("not_a_number")
    exact = Decimal(format(number, ".15g"))
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() and abs(exact) < 10**27 else exact
