"""An InvenTree database as a folder of CSV files: parts, BOM lines, suppliers, stock and orders.

Only what planning needs is kept. A part's BOM is its own lines plus the `inherited` lines of every part it
is a variant of; pack texts such as `250 ml` become exact quantities in the part's unit.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

FILES = (
    "parts.csv", "bom_lines.csv", "companies.csv", "supplier_parts.csv", "stock_items.csv",
    "purchase_orders.csv", "sales_orders.csv",
)  # fmt: skip

#: Left out of `FILES`: without it every price is 0.
PRICES = "price_breaks.csv"

STOCK_OK = "10"
PURCHASE_PLACED = "20"
SALES_OPEN = ("10", "15")

#: One unit in the base unit of its kind, exactly. A foot is 0.3048 m by definition.
_UNITS: Mapping[str, tuple[str, Fraction]] = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), ("m", Fraction(1))),
    **dict.fromkeys(("mm", "millimetre", "millimetres"), ("m", Fraction(1, 1000))),
    **dict.fromkeys(("cm", "centimetre", "centimetres"), ("m", Fraction(1, 100))),
    **dict.fromkeys(("ft", "foot", "feet"), ("m", Fraction(3048, 10000))),
    **dict.fromkeys(("in", "inch", "inches"), ("m", Fraction(254, 10000))),
    **dict.fromkeys(("l", "litre", "litres", "liter", "liters"), ("l", Fraction(1))),
    **dict.fromkeys(("ml", "millilitre", "millilitres"), ("l", Fraction(1, 1000))),
    **dict.fromkeys(("kg", "kilogram", "kilograms"), ("kg", Fraction(1))),
    **dict.fromkeys(("g", "gram", "grams"), ("kg", Fraction(1, 1000))),
}
_PACK = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)?\s*(?P<unit>[a-zA-Z]+)?\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """A part. `code` is its IPN, else its name; the id is appended where that is not unique."""

    id: str
    code: str
    name: str
    description: str
    category: str
    unit: str
    is_assembly: bool
    is_purchaseable: bool
    is_virtual: bool
    is_template: bool
    variant_of: str
    minimum_stock: Decimal


@dataclass(frozen=True, slots=True)
class PartLine:
    """`quantity` of `child` goes into one `parent`; `from_part` is the part whose BOM holds the line."""

    parent: str
    child: str
    quantity: Decimal
    from_part: str


@dataclass(frozen=True, slots=True)
class SupplierPart:
    """A part as one supplier sells it; one pack holds `pack` of the part's unit, `price` is for one pack."""

    id: str
    part: str
    supplier: str
    sku: str
    pack: Decimal
    price: Decimal = Decimal(0)
    currency: str = ""


@dataclass(frozen=True, slots=True)
class StockLine:
    """Usable stock of a part in one place."""

    part: str
    location: str
    batch: str
    serial: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """What a supplier still owes us, in the part's unit; `due` is an ISO date or ''."""

    id: str
    order: str
    supplier: str
    part: str
    quantity: Decimal
    due: str


@dataclass(frozen=True, slots=True)
class SalesLine:
    """What we still owe a customer; `due` is an ISO date or '' (= now)."""

    id: str
    order: str
    customer: str
    part: str
    quantity: Decimal
    due: str


@dataclass(frozen=True, slots=True)
class InvenTree:
    """The whole set, parts by id."""

    parts: Mapping[str, Part]
    lines: tuple[PartLine, ...]
    suppliers: tuple[str, ...]
    supplier_parts: tuple[SupplierPart, ...]
    stock: tuple[StockLine, ...]
    purchases: tuple[PurchaseLine, ...]
    sales: tuple[SalesLine, ...]


class InvenTreeFault(ValueError):
    """A row that cannot be understood: file, id of the row, column, text."""


def inventree_read(files: Mapping[str, Iterable[Mapping[str, str]]]) -> InvenTree:
    """Read the set from {file name: rows as {header: text}}.

    Raises: InvenTreeFault on a missing file, a bad number, an unknown unit, a reference to nothing, or a part
        that is a variant of itself.
    """
    missing = [name for name in FILES if name not in files]
    if missing:
        raise InvenTreeFault(f"missing file: {', '.join(missing)}")
    tables = {name: list(files[name]) for name in FILES}
    parts = _parts(tables["parts.csv"])
    prices = _prices(files.get(PRICES, ()))
    sold = {row["id"]: _supplier_part(row, parts, prices) for row in tables["supplier_parts.csv"]}
    return InvenTree(
        parts=parts,
        lines=tuple(effective_lines(parts, tables["bom_lines.csv"])),
        suppliers=tuple(row["name"] for row in tables["companies.csv"] if _yes(row["is_supplier"])),
        supplier_parts=tuple(sold.values()),
        stock=tuple(_stock(tables["stock_items.csv"], parts)),
        purchases=tuple(_purchases(tables["purchase_orders.csv"], sold)),
        sales=tuple(_sales(tables["sales_orders.csv"], parts)),
    )


def effective_lines(parts: Mapping[str, Part], rows: Iterable[Mapping[str, str]]) -> list[PartLine]:
    """Return every part's BOM: own lines, then `inherited` lines of its ancestors, nearest ancestor first."""
    own: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        _known(row["parent_id"], parts, "bom_lines.csv", row["id"])
        _known(row["child_id"], parts, "bom_lines.csv", row["id"])
        own[row["parent_id"]].append(row)
    lines = []
    for part in parts:
        for source in (part, *_ancestors(part, parts)):
            lines.extend(
                PartLine(part, row["child_id"], _number(row, "quantity", "bom_lines.csv"), source)
                for row in own[source]
                if source == part or _yes(row["inherited"])
            )
    return lines


def pack_quantity(text: str, unit: str) -> Decimal:
    """Return how much of `unit` a pack text means: '' is 1, '500' is 500, '250 ml' of 'litres' is 0.25.

    Raises: ValueError when the text, its unit or the part's unit is not understood, or they do not match.
    """
    match = _PACK.fullmatch(text)
    if match is None:
        raise ValueError(f"pack {text!r} is not a quantity")
    number = Fraction(match["number"] or 1)
    if match["unit"]:
        number *= _ratio(match["unit"], unit)
    value = Decimal(number.numerator) / Decimal(number.denominator)
    if number <= 0 or Fraction(value) != number:
        raise ValueError(f"pack {text!r} has no exact positive quantity in {unit!r}")
    return value


def _ratio(pack_unit: str, part_unit: str) -> Fraction:
    pack, part = _UNITS.get(pack_unit.lower()), _UNITS.get(part_unit.lower())
    if pack is None or part is None or pack[0] != part[0]:
        raise ValueError(f"no conversion from {pack_unit!r} to {part_unit!r}")
    return pack[1] / part[1]


def _parts(rows: list[Mapping[str, str]]) -> dict[str, Part]:
    wanted = {row["id"]: row["ipn"].strip() or row["name"].strip() for row in rows}
    count = Counter(wanted.values())
    return {
        row["id"]: Part(
            id=row["id"],
            code=wanted[row["id"]] if count[wanted[row["id"]]] == 1 else f"{wanted[row['id']]} #{row['id']}",
            name=row["name"],
            description=row["description"],
            category=row["category"],
            unit=row["units"].strip(),
            is_assembly=_yes(row["assembly"]),
            is_purchaseable=_yes(row["purchaseable"]),
            is_virtual=_yes(row["virtual"]),
            is_template=_yes(row["is_template"]),
            variant_of=row["variant_of"],
            minimum_stock=_number(row, "minimum_stock", "parts.csv"),
        )
        for row in rows
    }


def _ancestors(part: str, parts: Mapping[str, Part]) -> list[str]:
    found: list[str] = []
    above = parts[part].variant_of
    while above:
        if above in found or above == part:
            raise InvenTreeFault(f"parts.csv {part}: variant_of runs in a circle")
        _known(above, parts, "parts.csv", part)
        found.append(above)
        above = parts[above].variant_of
    return found


def _prices(rows: Iterable[Mapping[str, str]]) -> dict[str, tuple[Decimal, Decimal, str]]:
    """Return {supplier part: (from quantity, price of one pack, currency)} of its smallest quantity."""
    found: dict[str, tuple[Decimal, Decimal, str]] = {}
    for row in rows:
        entry = (_number(row, "quantity", PRICES), _number(row, "price", PRICES), row["currency"])
        key = row["supplier_part_id"]
        found[key] = min(found.get(key, entry), entry)
    return found


def _supplier_part(
    row: Mapping[str, str],
    parts: Mapping[str, Part],
    prices: Mapping[str, tuple[Decimal, Decimal, str]],
) -> SupplierPart:
    _known(row["part_id"], parts, "supplier_parts.csv", row["id"])
    try:
        pack = pack_quantity(row["pack_quantity"], parts[row["part_id"]].unit)
    except ValueError as fault:
        raise InvenTreeFault(f"supplier_parts.csv {row['id']}: {fault}") from fault
    _from, price, currency = prices.get(row["id"], (0, Decimal(0), ""))
    return SupplierPart(row["id"], row["part_id"], row["supplier"], row["sku"], pack, price, currency)


def _stock(rows: Iterable[Mapping[str, str]], parts: Mapping[str, Part]) -> Iterable[StockLine]:
    """Yield stock that is ok and neither a customer's, sold, nor built into something."""
    for row in rows:
        _known(row["part_id"], parts, "stock_items.csv", row["id"])
        if row["status"] == STOCK_OK and not (row["customer"] or row["sales_order"] or row["belongs_to"]):
            quantity = _number(row, "quantity", "stock_items.csv")
            yield StockLine(row["part_id"], row["location"], row["batch"], row["serial"], quantity)


def _purchases(rows: Iterable[Mapping[str, str]], sold: Mapping[str, SupplierPart]) -> Iterable[PurchaseLine]:
    for row in rows:
        name = "purchase_orders.csv"
        rest = _number(row, "quantity", name) - _number(row, "received", name)
        if row["status"] != PURCHASE_PLACED or rest <= 0:
            continue
        bought = sold.get(row["supplier_part_id"])
        if bought is None:
            raise InvenTreeFault(
                f"{name} {row['line_id']}: supplier part {row['supplier_part_id']!r} is unknown"
            )
        due = row["line_target_date"] or row["po_target_date"]
        yield PurchaseLine(row["line_id"], row["po"], row["supplier"], bought.part, rest * bought.pack, due)


def _sales(rows: Iterable[Mapping[str, str]], parts: Mapping[str, Part]) -> Iterable[SalesLine]:
    for row in rows:
        name = "sales_orders.csv"
        _known(row["part_id"], parts, name, row["line_id"])
        rest = _number(row, "quantity", name) - _number(row, "shipped", name)
        if row["status"] in SALES_OPEN and rest > 0:
            yield SalesLine(
                row["line_id"], row["so"], row["customer"], row["part_id"], rest, row["target_date"]
            )


def _known(part: str, parts: Mapping[str, Part], name: str, row: str) -> None:
    if part not in parts:
        raise InvenTreeFault(f"{name} {row}: part {part!r} is unknown")


def _number(row: Mapping[str, str], column: str, name: str) -> Decimal:
    try:
        value = Decimal(row[column] or "0")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise InvenTreeFault(f"{name} {row.get('id') or row.get('line_id')}: {column} {row[column]!r}")
    return value


def _yes(text: str) -> bool:
    return text.strip().lower() in ("true", "1", "yes")
