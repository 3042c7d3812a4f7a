"""Bills of material from a flat list: one row a component, heads made on the way, cycles refused."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from forms_engine.access.actor import Actor
from forms_engine.kernel.text import Text as T
from jit.catalog.bom_cycles import span_of
from jit.catalog.models import Bom, BomLine, Item
from jit.exchange.cycles import edges_closing_a_cycle
from jit.exchange.targets.base import ImportTarget, Note, Outcome, RowFault, Rows, TargetField, quiet
from jit.exchange.targets.entity import entity_write
from jit.exchange.targets.lookup import items_by_code
from jit.exchange.texts import cell_text

FIRST_REVISION = "A"
HEAD = ("item", "revision", "base_quantity", "effective_from", "effective_to")
Row = tuple[int, Mapping[str, object]]
HeadKey = tuple[str, str]


class BomTarget(ImportTarget):
    """`item`, `component` and `quantity_per` are needed; a row belongs to the item's revision (A if none).

    Without `line_no` a row finds the line of the same component in its BOM, and new ones are appended.
    """

    key = "bom"
    label = T("Bills of material with their lines", "物料清单（含清单行）")
    key_fields = ("item", "revision", "line_no", "component")
    fields: Sequence[TargetField] = (
        TargetField("item", "reference", T("Parent item", "父件"), True),
        TargetField("revision", "text", T("Revision", "版本")),
        TargetField("component", "reference", T("Component", "子件"), True),
        TargetField("quantity_per", "quantity", T("Quantity per base", "单位用量"), True),
        TargetField("line_no", "integer", T("Line", "行号")),
        TargetField("fixed_quantity", "quantity", T("Fixed per order", "每单固定用量")),
        TargetField("scrap_ratio", "decimal", T("Scrap ratio", "损耗率")),
        TargetField("base_quantity", "quantity", T("Base quantity", "基准数量")),
        TargetField("operation_sequence", "integer", T("Operation", "工序")),
        TargetField("offset_minutes", "integer", T("Offset from start (min)", "相对开工偏移(分)")),
        TargetField("area", "reference", T("Taken from", "取料库位")),
        TargetField("is_phantom", "boolean", T("Phantom", "虚拟件")),
        TargetField("effective_from", "datetime", T("Effective from", "生效时间")),
        TargetField("effective_to", "datetime", T("Effective to", "失效时间")),
    )

    def write(self, *, actor: Actor, rows: Rows, note: Note, source: str = "") -> Outcome:
        outcome = Outcome()
        good = list(_acyclic(_phantoms(_complete(rows, outcome), outcome), outcome))
        heads: dict[HeadKey, list[Row]] = defaultdict(list)
        for number, raw in good:
            heads[_head_key(raw)].append((number, raw))
        made = entity_write(
            actor=actor,
            key="catalog.bom",
            by=("item", "revision"),
            rows=[(lines[0][0], _head_raw(key, lines[0][1])) for key, lines in heads.items()],
            note=quiet,
            direct=True,
        )
        refused = {fault.row: fault for fault in made.faults}
        ids = _head_ids(heads)
        lines: list[Row] = []
        for key, members in heads.items():
            fault = refused.get(members[0][0])
            if fault is not None or key not in ids:
                outcome.faults += [_for_row(fault, number) for number, _raw in members]
            else:
                lines += members
        written = entity_write(
            actor=actor,
            key="catalog.bomline",
            by=("bom", "line_no"),
            rows=_numbered(lines, ids),
            note=note,
            direct=True,
        )
        outcome.created += written.created
        outcome.updated += written.updated
        outcome.unchanged += written.unchanged
        outcome.faults += written.faults
        return outcome


def _head_key(raw: Mapping[str, object]) -> HeadKey:
    return str(raw["item"]), str(raw.get("revision") or FIRST_REVISION)


def _head_raw(key: HeadKey, raw: Mapping[str, object]) -> Mapping[str, object]:
    given = {name: raw[name] for name in HEAD[2:] if raw.get(name) is not None}
    return {"item": key[0], "revision": key[1], **given}


def _for_row(fault: RowFault | None, number: int) -> RowFault:
    if fault is None:
        return RowFault(number, "item", "unknown", cell_text("unknown"))
    return RowFault(number, fault.field, fault.code, fault.message, fault.value)


def _complete(rows: Rows, outcome: Outcome) -> Iterator[Row]:
    """Pass on the rows that name both items; the others are faults."""
    for number, raw in rows:
        missing = [name for name in ("item", "component") if not raw.get(name)]
        outcome.faults += [RowFault(number, name, "required", cell_text("required")) for name in missing]
        if not missing:
            yield number, raw


def _phantoms(rows: Iterator[Row], outcome: Outcome) -> Iterator[Row]:
    """Pass on the rows whose phantom line is of a phantom item (`catalog.services` says why)."""
    kept = list(rows)
    meant = {str(raw["component"]) for _number, raw in kept if raw.get("is_phantom") is True}
    known = Item.objects.filter(code__in=meant, mode=Item.Mode.PHANTOM, archived_at=None)
    phantoms = set(known.values_list("code", flat=True)) if meant else set()
    for number, raw in kept:
        code = str(raw["component"])
        if raw.get("is_phantom") is True and code not in phantoms:
            outcome.faults.append(RowFault(number, "is_phantom", "no_phantom", cell_text("no_phantom"), code))
        else:
            yield number, raw


def _acyclic(rows: Iterator[Row], outcome: Outcome) -> Iterator[Row]:
    """Pass on the rows that do not put an item into itself, given the BOMs there are and when each holds."""
    kept = list(rows)
    known = BomLine.objects.filter(archived_at=None, bom__archived_at=None, bom__is_released=True)
    held = [
        ((item, revision), component, (since, until))
        for item, revision, component, since, until in known.values_list(
            "bom__item__code", "bom__revision", "component__code", "bom__effective_from", "bom__effective_to"
        ).iterator()
    ]
    dates = {key: when for key, _component, when in held}
    for _number, raw in reversed(kept):  # the first row of a revision says when it holds
        key = _head_key(raw)
        given = [_moment(raw.get(name)) for name in ("effective_from", "effective_to")]
        stored = dates.get(key, (None, None))
        dates[key] = (given[0] or stored[0], given[1] or stored[1])
    existing = [(key[0], component, span_of(*dates[key])) for key, component, _when in held]
    new = [
        (str(raw["item"]), str(raw["component"]), span_of(*dates[_head_key(raw)])) for _number, raw in kept
    ]
    bad = edges_closing_a_cycle(existing, new)
    for place, (number, raw) in enumerate(kept):
        if place in bad:
            words = cell_text("cycle", path=" → ".join(bad[place]))
            outcome.faults.append(RowFault(number, "component", "cycle", words, str(raw["component"])))
        else:
            yield number, raw


def _moment(given: object) -> datetime | None:
    """Return a date as the file has it, None for none; what is no date is refused with its row later."""
    try:
        return datetime.fromisoformat(str(given)) if given else None
    except ValueError:
        return None


def _head_ids(heads: Mapping[HeadKey, object]) -> dict[HeadKey, UUID]:
    items = items_by_code(item for item, _revision in heads)
    rows = Bom.objects.filter(item_id__in=items.values(), archived_at=None)
    return {
        (item, revision): pk
        for item, revision, pk in rows.values_list("item__code", "revision", "id").iterator()
    }


def _numbered(rows: list[Row], ids: Mapping[HeadKey, UUID]) -> Iterator[Row]:
    """Give every row its BOM's id and a line number: its own, its component's in the BOM, or the next ten."""
    taken: dict[UUID, dict[tuple[str, int], int]] = defaultdict(dict)
    seen: Counter[tuple[UUID, str]] = Counter()
    last: dict[UUID, int] = defaultdict(int)
    stored = BomLine.objects.filter(bom_id__in={ids[_head_key(raw)] for _n, raw in rows}, archived_at=None)
    for bom, component, line_no in stored.order_by("line_no").values_list(
        "bom_id", "component__code", "line_no"
    ):
        taken[bom][component, seen[bom, component]] = line_no
        seen[bom, component] += 1
        last[bom] = max(last[bom], line_no)
    met: Counter[tuple[UUID, str]] = Counter()
    for number, raw in rows:
        bom, component = ids[_head_key(raw)], str(raw["component"])
        line_no = raw.get("line_no")
        if line_no is None:
            known = taken[bom].get((component, met[bom, component]))
            line_no = str(known if known is not None else last[bom] // 10 * 10 + 10)
        met[bom, component] += 1
        if str(line_no).isdigit():
            last[bom] = max(last[bom], int(str(line_no)))
        line = {name: value for name, value in raw.items() if name not in HEAD}
        yield number, {**line, "bom": str(bom), "line_no": line_no}
