"""Files with columns of our own: by the name of the file or sheet, else by what its headers say. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jit.exchange.cells import decimal_comma_guess
from jit.exchange.mapping import Target, columns_guess, header_key, header_merged, header_row_guess
from jit.exchange.sheet import Cell

#: File and sheet names that say where a table goes; more in docs/import.md.
NAMES: Mapping[str, tuple[str, ...]] = {
    "catalog.unit": ("units", "unit", "单位"),
    "catalog.plant": ("plants", "plant", "工厂"),
    "catalog.location": ("locations", "location", "库位", "仓库"),
    "catalog.packaging": ("packagings", "packaging", "包装"),
    "catalog.supplier": ("suppliers", "supplier", "供应商"),
    "catalog.item": ("items", "item", "parts", "物料", "物料主数据", "零件"),
    "catalog.sourcingrule": ("sourcing", "sources", "货源", "货源清单"),
    "bom": ("bom", "boms", "物料清单", "产品结构"),
    "supply.agreement": ("agreements", "agreement", "供货协议"),
    "supply.controlcycle": ("cycles", "control cycles", "控制循环"),
    "stock": ("stock", "inventory", "库存", "现存量"),
    "planning.demand": ("demand", "demands", "orders", "需求", "销售订单"),
    "firm": ("purchases", "purchase orders", "在途采购", "采购订单"),
    "supply.inboundrequirement": ("deliveries", "inbound", "到货", "入厂需求", "送货计划"),
    "supply.plannedtruck": ("trucks", "车次"),
    "supply.trucklane": ("truck lanes", "lanes", "车次线路"),
}
ENOUGH = 0.8


@dataclass(frozen=True, slots=True)
class Found:
    """Where a table goes and how to read it; `columns` maps the file's columns to fields."""

    target: str
    header_row: int
    columns: Mapping[int, str]
    decimal_comma: bool


def target_guess(
    name: str, rows: Sequence[Sequence[Cell]], choices: Mapping[str, Sequence[Target]]
) -> Found | None:
    """Return where a table goes: by its name, else where its columns fit every needed field best; or None."""
    if not any(any(cell not in (None, "") for cell in row) for row in rows):
        return None
    key = header_key(name)
    named = [target for target, names in NAMES.items() if key in {header_key(one) for one in names}]
    if key in {header_key(one) for one in choices}:
        named = [one for one in choices if header_key(one) == key]
    best: Found | None = None
    best_score = 0.0
    for target in [one for one in named if one in choices] or [one for one in NAMES if one in choices]:
        fields = choices[target]
        header_row = header_row_guess(rows, fields)
        guesses = columns_guess(header_merged(rows, header_row), fields)
        matched = {guess.field for guess in guesses}
        if any(field.is_required and field.name not in matched for field in fields):
            continue
        width = sum(1 for cell in rows[header_row - 1] if cell not in (None, ""))
        score = sum(guess.score for guess in guesses) / max(width, 1)
        if score > best_score and (named or score >= ENOUGH):
            numbers = [row[g.column] for row in rows[header_row:200] for g in guesses if g.column < len(row)]
            best_score = score
            best = Found(
                target, header_row, {g.column: g.field for g in guesses}, decimal_comma_guess(numbers)
            )
    return best
