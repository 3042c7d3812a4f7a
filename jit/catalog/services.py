"""Writing master data where more than the columns has to hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from forms_engine.base import db
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Bom, BomLine, Item, Location
from jit.catalog.selectors import BomCycle, cycle_through

NEGATIVE_STOCK = "TK003"


class BomOverlap(MesError):
    """Two released revisions of an item would hold at the same time."""

    code = "catalog.bom.overlap"


class NoPhantom(MesError):
    """A line is to be a phantom, its component is planned and stocked as a thing of its own."""

    code = "catalog.bom.phantom"


class LocationInUse(Conflict):
    """The place still holds less than nothing."""

    code = "catalog.location.negative"


def bom_create(*, actor: Any, values: Mapping[str, Any]) -> Bom:
    """Save a revision with its lines. Raises: BomCycle with the path, BomOverlap, NoPhantom."""
    return _bom_saved(Bom(), dict(values))


def bom_update(*, actor: Any, record: Bom, values: Mapping[str, Any]) -> Bom:
    """Change a revision; lines that are given replace those that stand. Raises: BomCycle, BomOverlap,
    NoPhantom.
    """
    return _bom_saved(record, dict(values))


def _bom_saved(row: Bom, values: dict[str, Any]) -> Bom:
    lines: Sequence[Mapping[str, Any]] | None = values.pop("lines", None)
    with db.atomic():
        for name, value in values.items():
            setattr(row, row._meta.get_field(name).attname, value)
        _refuse_overlap(row)
        _refuse_phantom([line["component"] for line in lines or () if line.get("is_phantom")])
        _refuse_cycle(row, _components(row) if lines is None else [line["component"] for line in lines])
        try:
            with db.atomic():
                row.save()
        except IntegrityError as error:
            raise BomOverlap(
                T("Another revision holds in this time.", "该时间段已有其他生效版本。"),
                field="effective_from",
            ) from error
        if lines is not None:
            _lines_saved(row, lines)
    return row


def _refuse_overlap(row: Bom) -> None:
    """Name the revision that stands in the way; under concurrency the exclusion constraint decides."""
    if not row.is_released:
        return
    others = Bom.objects.filter(item_id=row.item_id, is_released=True, archived_at=None).exclude(pk=row.pk)
    for other in others:
        if _before(other.effective_from, row.effective_to) and _before(
            row.effective_from, other.effective_to
        ):
            raise BomOverlap(
                T(
                    "Revision %(revision)s holds in this time.",
                    "版本 %(revision)s 在该时间段内生效。",
                    revision=other.revision,
                ),
                field="effective_from",
            )


def _before(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end


def bom_line_create(*, actor: Any, values: Mapping[str, Any]) -> BomLine:
    """Add one line to a revision. Raises: BomCycle with the path, NoPhantom."""
    return _line_saved(BomLine(), values)


def bom_line_update(*, actor: Any, record: BomLine, values: Mapping[str, Any]) -> BomLine:
    """Change one line. Raises: BomCycle with the path, NoPhantom."""
    return _line_saved(record, values)


def _line_saved(line: BomLine, values: Mapping[str, Any]) -> BomLine:
    with db.atomic():
        for name, value in values.items():
            setattr(line, line._meta.get_field(name).attname, value)
        bom = Bom.objects.select_for_update(of=("self",)).get(pk=line.bom_id)
        _refuse_phantom([line.component_id] if line.is_phantom else [], field="is_phantom")
        _refuse_cycle(bom, [line.component_id], field="component")
        line.save()
    return line


def _components(row: Bom) -> list[UUID]:
    """Return what the lines that stand name: a new validity or a release may close a circle too."""
    return list(BomLine.objects.filter(bom_id=row.pk).values_list("component_id", flat=True))


def _refuse_cycle(row: Bom, components: Sequence[UUID], field: str = "lines") -> None:
    with db.connection().cursor() as cursor:  # two halves of a circle saved at once would not see each other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalog.bom'))")
    path = cycle_through(bom=row, components=components)
    if path:
        raise BomCycle(
            T(
                "An item cannot be part of itself: %(path)s.",
                "物料不能包含自身：%(path)s。",
                path=" → ".join(path),
            ),
            field=field,
        )


def _refuse_phantom(components: Sequence[UUID], field: str = "lines") -> None:
    """The plan and backflushing must see one thing: they go through an item that is a phantom, no other."""
    other = Item.objects.filter(pk__in=components).exclude(mode=Item.Mode.PHANTOM).first()
    if other is not None:
        raise NoPhantom(
            T(
                "%(code)s is no phantom item: change its planning mode, or leave the line no phantom.",
                "%(code)s 不是虚拟件：请修改其计划方式，或取消该行的“虚拟件”。",
                code=other.code,
            ),
            field=field,
        )


def _lines_saved(row: Bom, lines: Sequence[Mapping[str, Any]]) -> None:
    kept: list[UUID] = []
    for index, line in enumerate(lines, start=1):
        given = {key: value for key, value in line.items() if key not in ("id", "bom")}
        given.setdefault("line_no", index * 10)
        columns = {BomLine._meta.get_field(key).attname: value for key, value in given.items()}
        if line.get("id"):
            BomLine.objects.filter(pk=line["id"], bom=row).update(**columns)
            kept.append(line["id"])
        else:
            kept.append(BomLine.objects.create(bom=row, **columns).pk)
    BomLine.objects.filter(bom=row).exclude(pk__in=kept).delete()


def location_update(*, actor: Any, record: Location, values: Mapping[str, Any]) -> Location:
    """Change a place. Raises: LocationInUse when it may no longer be negative but is."""
    for name, value in values.items():
        setattr(record, record._meta.get_field(name).attname, value)
    try:
        with db.atomic():
            record.save()
    except Exception as error:
        if getattr(error.__cause__, "sqlstate", None) != NEGATIVE_STOCK:
            raise
        raise LocationInUse(
            T(
                "%(code)s holds less than nothing: settle that first.",
                "%(code)s 仍有负库存，请先处理。",
                code=record.code,
            ),
            field="allow_negative",
        ) from error
    return record
