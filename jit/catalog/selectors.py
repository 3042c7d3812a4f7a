"""Reading master data: which BOM holds when, what goes into an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text as T
from jit.catalog.bom_cycles import Span, path_within, span_of
from jit.catalog.models import Bom, BomLine, Item, Location, Plant, Supplier

STEP = Decimal("0.000001")
DEPTH = 50


class BomCycle(MesError):
    """An item would be part of itself."""

    code = "catalog.bom.cycle"


@dataclass(frozen=True)
class Usage:
    """What one good-or-scrapped unit of an order uses of a component (before the component's own scrap)."""

    item_id: UUID
    quantity_per: Decimal
    fixed_quantity: Decimal
    scrap_ratio: Decimal
    area_id: UUID | None


def store_of(*, plant: Plant) -> Location | None:
    """Return the plant's main store, else its first one, else None."""
    if plant.store_id:
        return plant.store
    return (
        Location.objects.filter(plant=plant, kind=Location.Kind.STORE, archived_at=None)
        .order_by("code")
        .first()
    )


def bom_valid_at(*, item_id: UUID, at: datetime) -> Bom | None:
    """Return the revision for a start: the valid one, else the next later, else the last earlier."""
    rows = list(Bom.objects.filter(item_id=item_id, is_released=True, archived_at=None))
    valid = [
        row
        for row in rows
        if (row.effective_from is None or row.effective_from <= at)
        and (row.effective_to is None or at < row.effective_to)
    ]
    if valid:
        return valid[0]
    later = [row for row in rows if row.effective_from is not None and row.effective_from > at]
    if later:
        return min(later, key=lambda row: row.effective_from)
    return max(rows, key=lambda row: row.effective_to or at, default=None)


def usage_of(*, bom: Bom, at: datetime) -> list[Usage]:
    """Return what an order by this BOM uses, phantoms replaced by their own components (scrap multiplies)."""
    return _usage(bom, at, Decimal(1), Decimal(1), 0)


def _usage(bom: Bom, at: datetime, factor: Decimal, fixed: Decimal, depth: int) -> list[Usage]:
    if depth > DEPTH:
        raise BomCycle(
            T("The BOM of %(item)s never ends.", "%(item)s 的物料清单存在循环。", item=bom.item.code)
        )
    found: list[Usage] = []
    for line in BomLine.objects.select_related("component").filter(bom=bom).order_by("line_no"):
        per = factor * line.quantity_per / bom.base_quantity
        inner = None
        if line.component.mode == Item.Mode.PHANTOM:  # as the plan sees it, whatever the line said once
            inner = bom_valid_at(item_id=line.component_id, at=at)
        if inner is None:
            found.append(
                Usage(line.component_id, per, fixed * line.fixed_quantity, line.scrap_ratio, line.area_id)
            )
        else:
            keep = (1 - line.scrap_ratio) * line.component.yield_ratio
            found += _usage(inner, at, per / keep, fixed, depth + 1)
    return found


def need_for(*, usage: Usage, made: Decimal) -> Decimal:
    """Return what `made` units use of a component, scrap included, to six decimals (pull.md 16)."""
    return (made * usage.quantity_per / (1 - usage.scrap_ratio)).quantize(STEP, ROUND_HALF_EVEN)


def cycle_through(*, bom: Bom, components: Sequence[UUID]) -> list[str]:
    """Return the path of item codes by which the item of a revision would contain itself, or an empty list.

    Only lines count that hold together: released revisions whose validity overlaps on the whole way round.
    Args: bom: the revision about to be saved, with its dates. components: what it names directly.
    """
    children: dict[UUID, list[tuple[UUID, Span]]] = {}
    held = BomLine.objects.filter(bom__archived_at=None, bom__is_released=True).exclude(bom_id=bom.pk)
    for parent, since, until, child in held.values_list(
        "bom__item_id", "bom__effective_from", "bom__effective_to", "component_id"
    ):
        children.setdefault(parent, []).append((child, span_of(since, until)))
    span = span_of(bom.effective_from, bom.effective_to)
    for component in components:
        path = path_within(children, component, bom.item_id, span)
        if path:
            codes = dict(Item.objects.filter(pk__in=[bom.item_id, *path]).values_list("pk", "code"))
            return [codes[pk] for pk in (bom.item_id, *path)]
    return []


def supplier_named(*, supplier_id: UUID) -> tuple[str, str]:
    """Return code and name of a supplier; ("", "") if it is gone."""
    return Supplier.objects.filter(pk=supplier_id).values_list("code", "name").first() or ("", "")
