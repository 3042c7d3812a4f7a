"""Naming people without knowing them: a role, a field of the record, the initiator's manager.

A `who` is a list of {"kind", "value"}. The engine fills in what the case itself knows (fields, initiator);
the service finds out the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text

KINDS: dict[str, Text] = {
    "person": Text("Person", "人员"),
    "role": Text("Role", "角色"),
    "field": Text("Member field of the record", "表单中的成员字段"),
    "manager": Text("Manager of the initiator", "发起人的上级"),
    "initiator": Text("Initiator", "发起人"),
    "admin": Text("Flow administrator", "流程管理员"),
}
_VALUE_NEEDED = frozenset({"person", "role", "field"})

WHO_SCHEMA = Schema(
    (
        FieldSpec(
            name="kind",
            type="choice",
            label=Text("Who", "谁"),
            required=True,
            options={"choices": [{"value": key, "label": label} for key, label in KINDS.items()]},
        ),
        FieldSpec(name="value", type="text", label=Text("Which", "哪个")),
    )
)


def who_field(name: str, label: Text, *, required: bool = True, help: Text | None = None) -> FieldSpec:
    """Return the option "which people" as every node type offers it."""
    return FieldSpec(
        name=name,
        type="table",
        label=label,
        required=required,
        help=help,
        options={"schema": WHO_SCHEMA.dump()},
    )


def who_problems(who: Any, path: str = "who", *, required: bool = True) -> Iterator[FieldError]:
    """Yield what is wrong with a list of people; paths are `who.0.value`."""
    if not isinstance(who, list | tuple):
        who = ()
    if required and not who:
        yield FieldError(path, "workflows.who.missing", Text("Say who has to do this.", "请指定由谁处理。"))
    for row, item in enumerate(who):
        kind = item.get("kind") if isinstance(item, Mapping) else None
        if kind not in KINDS:
            yield FieldError(
                f"{path}.{row}.kind",
                "workflows.who.unknown_kind",
                Text("People cannot be named by “%(kind)s”.", "不能用“%(kind)s”指定人员。", kind=str(kind)),
            )
        elif kind in _VALUE_NEEDED and not item.get("value"):
            yield FieldError(
                f"{path}.{row}.value",
                "workflows.who.value_missing",
                Text("Say which one.", "请选择具体对象。"),
            )
        elif kind == "manager" and _levels(item) is None:
            yield FieldError(
                f"{path}.{row}.value",
                "workflows.who.bad_level",
                Text("The level is a whole number from 1 to 10.", "上级层数为 1 至 10 的整数。"),
            )


def who_names(who: Any) -> frozenset[str]:
    """Return the member fields a list of people speaks of."""
    rows = who if isinstance(who, list | tuple) else ()
    return frozenset(str(item["value"]) for item in rows if item.get("kind") == "field" and item.get("value"))


def who_resolve(
    who: Iterable[Mapping[str, Any]], facts: Mapping[str, Any], initiator: str | None
) -> tuple[Mapping[str, Any], ...]:
    """Replace fields and the initiator by the persons they are; roles, managers and admins stay to be found.

    A `manager` becomes {"kind": "manager", "value": person, "levels": n}; without an initiator it is dropped.
    """
    found: list[Mapping[str, Any]] = []
    for item in who:
        kind = item["kind"]
        if kind == "field":
            found += [
                {"kind": "person", "value": person} for person in _persons(facts.get(str(item["value"])))
            ]
        elif kind == "initiator":
            found += [{"kind": "person", "value": initiator}] if initiator else []
        elif kind == "manager":
            found += [{"kind": "manager", "value": initiator, "levels": _levels(item)}] if initiator else []
        elif kind == "admin":
            found.append({"kind": "admin", "value": ""})
        else:
            found.append({"kind": kind, "value": str(item["value"])})
    return tuple(found)


def _persons(value: Any) -> list[str]:
    if value in (None, ""):
        return []
    values = value if isinstance(value, list | tuple) else (value,)
    return [str(item["id"] if isinstance(item, Mapping) else item) for item in values if item]


def _levels(item: Mapping[str, Any]) -> int | None:
    value = item.get("value") or 1
    text = str(value)
    return int(text) if text.isdecimal() and 1 <= int(text) <= 10 else None
