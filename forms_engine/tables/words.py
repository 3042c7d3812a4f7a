"""A plan in words, for who reads no SQL: what is made, what becomes of the data, who has to wait. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from forms_engine.fields.base import type_of
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.tables.columns import default_literals, field_columns, reference_target
from forms_engine.tables.plan import DdlPlan, Step

ROWS_COUNTED = 10_000
"""So many records are counted for the words; above them it is “more than”."""


@dataclass(frozen=True)
class PlanWords:
    """Sentences: `makes` what comes into being, `data` what becomes of what is stored, `wait` who waits."""

    makes: tuple[Text, ...] = ()
    data: tuple[Text, ...] = ()
    wait: tuple[Text, ...] = ()

    def dump(self) -> dict[str, list[dict[str, str]]]:
        """Return JSON-ready data, each sentence in both languages."""
        return {part: [one.dump() for one in getattr(self, part)] for part in ("makes", "data", "wait")}


def plan_words(
    plan: DdlPlan, schema: Schema, *, noun: Text, rows: int, label_of: Callable[[str], Text]
) -> PlanWords:
    """Say a plan in words.

    Args:
        schema: the new one; its labels are what people call the columns.
        noun: how people call the records of the table.
        rows: how many there are, counted to one more than `ROWS_COUNTED`.
        label_of: how people call the entity of a key; asked for what references point to.
    """
    added = _added(plan, schema)
    return PlanWords(
        makes=tuple(_makes(plan, schema, added, noun, label_of)),
        data=tuple(_data(plan, added, rows)),
        wait=tuple(_wait(plan, rows)),
    )


def _added(plan: DdlPlan, schema: Schema) -> list[FieldSpec]:
    """Return the fields that get a column of their own."""
    fresh = {step.field for step in plan.steps if step.kind == "add_column"}
    return [spec for spec in schema if spec.name in fresh or (plan.creates and field_columns(spec))]


def _makes(
    plan: DdlPlan, schema: Schema, added: list[FieldSpec], noun: Text, label_of: Callable[[str], Text]
) -> Iterator[Text]:
    if plan.creates:
        yield Text("A new, empty table for %(noun)s.", "为“%(noun)s”新建一张空表。", noun=noun)
    for spec in added:
        yield Text(
            "A new column: “%(field)s” (%(kind)s).",
            "新增一列：“%(field)s”（%(kind)s）。",
            field=spec.label,
            kind=type_of(spec).label,
        )
    known = {spec.name: spec for spec in schema}
    for kind, name in dict.fromkeys((step.kind, step.field) for step in plan.steps):
        spec = known.get(name)
        sentence = _SENTENCES.get(kind)
        if sentence is None or (spec is None and "%(field)s" in sentence.en):
            continue
        label: Any = spec.label if spec else ""
        target = reference_target(spec) if spec and kind == "add_foreign_key" else None
        yield sentence.with_params(field=label, target=label_of(target) if target else "")


_SENTENCES = {
    "add_foreign_key": Text(
        "“%(field)s” leads to %(target)s: only records that are there can be chosen.",
        "“%(field)s”指向“%(target)s”：只能选择其中已有的记录。",
        field="",
    ),
    "index": Text(
        "An index, so that searching and filtering by “%(field)s” stay fast.",
        "一个索引，使按“%(field)s”查找和筛选保持快速。",
        field="",
    ),
    "unique": Text(
        "A check against doubles: no two records may have the same “%(field)s”.",
        "一个唯一约束：任何两条记录的“%(field)s”不得相同。",
        field="",
    ),
    "rename_column": Text("The column of “%(field)s” is renamed.", "“%(field)s”的列改名。", field=""),
    "change_type": Text(
        "The column of “%(field)s” gets another type.", "“%(field)s”的列改变类型。", field=""
    ),
    "move_aside": Text(
        "The old column of “%(field)s” is put aside with its values; a new one begins empty.",
        "“%(field)s”的旧列连同数据移到一旁，新列从空开始。",
        field="",
    ),
    "drop_index": Text("An index that is not needed any more goes.", "不再需要的一个索引将被移除。"),
}


def _data(plan: DdlPlan, added: list[FieldSpec], rows: int) -> Iterator[Text]:
    if plan.creates:
        yield Text("Nothing that is stored is touched.", "不影响任何已有数据。")
        return
    if rows == 0:
        yield Text("There are no records yet.", "目前还没有记录。")
        return
    many = f"{ROWS_COUNTED:,}+" if rows > ROWS_COUNTED else f"{rows:,}"
    for spec in added:
        words = {"field": spec.label, "n": many}
        if default_literals(spec):
            yield Text(
                "The %(n)s records there are stay as they are; “%(field)s” gets its default value in each.",
                "已有的 %(n)s 条记录保持不变；其中“%(field)s”取默认值。",
                **words,
            )
            continue
        yield Text(
            "The %(n)s records there are stay as they are; “%(field)s” is empty in them.",
            "已有的 %(n)s 条记录保持不变；其中“%(field)s”为空。",
            **words,
        )
        if spec.required:
            yield Text(
                "“%(field)s” is required: whoever changes an old record has to fill it in then.",
                "“%(field)s”为必填：修改旧记录时须补填。",
                **words,
            )
    if _has(plan.steps, "change_type"):
        yield Text(
            "Every value is converted; one that cannot be is kept in quarantine, none is lost.",
            "所有值逐一转换；无法转换的保留在隔离区，不会丢失。",
        )
    if not added and not _has(plan.steps, "change_type"):
        yield Text("No stored value changes.", "已存的数据不变。")


def _wait(plan: DdlPlan, rows: int) -> Iterator[Text]:
    phases = {step.phase for step in plan.steps}
    if plan.creates or not plan.steps:
        yield Text("Nobody has to wait.", "任何人都不需要等待。")
        return
    if phases & {"expand", "convert"}:
        yield Text(
            "Saving such records may pause for about a tenth of a second. If the table stays busy for a "
            "minute, nothing is changed and you are told.",
            "保存此类记录可能停顿约 0.1 秒。若数据表持续繁忙一分钟，则不作任何改动并提示您。",
        )
    if phases & {"index", "validate"}:
        yield Text(
            "The rest runs while everybody goes on working; %(span)s.",
            "其余部分在大家照常工作时进行，%(span)s。",
            span=_span(rows),
        )
    if "convert" in phases:
        yield Text(
            "Values are converted in small portions meanwhile; %(span)s.",
            "数据分小批转换，%(span)s。",
            span=_span(rows),
        )


def _span(rows: int) -> Text:
    if rows > ROWS_COUNTED:
        return Text("on so many records it may take minutes", "记录较多，可能需要几分钟")
    return Text("it is done within seconds", "几秒内完成")


def _has(steps: Iterable[Step], kind: str) -> bool:
    return any(step.kind == kind for step in steps)
