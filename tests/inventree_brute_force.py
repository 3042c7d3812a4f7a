"""Every InvenTree leaf's net requirement from the raw CSV files, with exact fractions and nothing of ours."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from tests.shared_data import plain_rows


def leaves_short(folder: Path, *, emptied: bool, inherited: bool = True) -> dict[str, Decimal]:
    """Return {part id: quantity} of purchased or unmade parts that are missing for the open sales lines.

    Args:
        folder: the `bom_inventree` folder.
        emptied: leave stock and purchase orders out.
        inherited: let variants use the `inherited` lines of the parts they are variants of.
    """
    parts = {row["id"]: row for row in plain_rows(folder / "parts.csv")}
    own = defaultdict(list)
    for row in plain_rows(folder / "bom_lines.csv"):
        own[row["parent_id"]].append((row["child_id"], Fraction(row["quantity"]), row["inherited"] == "True"))

    def children(part):
        lines = [(child, quantity) for child, quantity, _inherits in own[part]]
        above = parts[part]["variant_of"] if inherited else ""
        while above:
            lines += [(child, quantity) for child, quantity, inherits in own[above] if inherits]
            above = parts[above]["variant_of"]
        return lines

    gross, free = defaultdict(Fraction), defaultdict(Fraction)
    for row in plain_rows(folder / "sales_orders.csv"):
        rest = Fraction(row["quantity"]) - Fraction(row["shipped"])
        if row["status"] in ("10", "15") and rest > 0:
            gross[row["part_id"]] += rest
    if not emptied:
        _supply_add(folder, free)

    order, seen = [], set()

    def visit(part):
        if part not in seen:
            seen.add(part)
            for child, _quantity in children(part):
                visit(child)
            order.append(part)

    for part in list(gross):
        visit(part)
    short = {}
    for part in reversed(order):  # parents before their children
        rest = max(Fraction(0), gross[part] - free[part])
        lines = children(part)
        for child, quantity in lines:
            gross[child] += rest * quantity
        if rest and not lines:
            short[part] = Decimal(rest.numerator) / Decimal(rest.denominator)
    return short


def _supply_add(folder, free):
    for row in plain_rows(folder / "stock_items.csv"):
        if row["status"] == "10" and not (row["customer"] or row["sales_order"] or row["belongs_to"]):
            free[row["part_id"]] += Fraction(row["quantity"])
    bought = {row["id"]: row for row in plain_rows(folder / "supplier_parts.csv")}
    for row in plain_rows(folder / "purchase_orders.csv"):
        if row["status"] == "20":
            supplier_part = bought[row["supplier_part_id"]]
            # The open orders here are all for packs without a unit; anything else must fail loudly.
            pack = Fraction(supplier_part["pack_quantity"] or "1")
            free[supplier_part["part_id"]] += (Fraction(row["quantity"]) - Fraction(row["received"])) * pack
