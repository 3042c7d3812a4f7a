"""What a noun or a verb is made of: fields, sections, rules. Frozen, comparable, a round trip to JSON."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from forms_engine.kernel.conditions import Check
from forms_engine.kernel.errors import ErrorList, FieldError, MesError
from forms_engine.kernel.text import Text

NAME = re.compile(r"[a-z][a-z0-9_]{0,49}\Z")
RESERVED_NAMES = frozenset(
    {"id", "pk", "created_at", "updated_at", "version", "archived_at", "created_by", "updated_by"}
)
MAX_FIELDS = 500


class UnknownField(MesError):
    """A schema has no field of this name."""

    code = "schema.unknown_field"
    status = 400


@dataclass(frozen=True)
class FieldSpec:
    """One field as an entity, an action or a form states it.

    Args:
        name: key in values and column name; `[a-z][a-z0-9_]*`, at most 50 characters.
        type: key of a field type ("text", "quantity", "reference" …).
        label: what people read; a `Text`, a {"en", "zh"} mapping, or a plain string (both languages alike).
        required: refuse an empty value.
        unique: no two records with the same value.
        index: the admin wants it fast in filters and sorts.
        default: constant used on create when nothing is given.
        help: one line under the input.
        read_only: shown, never taken from a submission.
        hidden: not drawn.
        options: settings of the type: min, max, max_length, pattern, decimals, unit, choices, target …
        id: stable identity that survives a rename; defaults to the name.
        visible_when, required_when, read_only_when: conditions in the formula language, "" = as stated.
    """

    name: str
    type: str
    label: Text = field(default_factory=lambda: Text(""))
    required: bool = False
    unique: bool = False
    index: bool = False
    default: Any = field(default=None, hash=False)
    help: Text | None = None
    read_only: bool = False
    hidden: bool = False
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    id: str = ""
    visible_when: str = ""
    required_when: str = ""
    read_only_when: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", Text.of(self.label or self.name.replace("_", " ").capitalize()))
        if self.help is not None:
            object.__setattr__(self, "help", Text.of(self.help))
        object.__setattr__(self, "options", dict(self.options))
        if not self.id:
            object.__setattr__(self, "id", self.name)

    def option(self, key: str, default: Any = None) -> Any:
        """Return one setting of the type, or the default if it is not set."""
        value = self.options.get(key)
        return default if value is None else value

    def but(self, **changes: Any) -> FieldSpec:
        """Return a copy with some attributes changed."""
        return replace(self, **changes)

    def dump(self) -> dict[str, Any]:
        """Return JSON data; what is at its default is left out."""
        data: dict[str, Any] = {"name": self.name, "type": self.type, "label": self.label.dump()}
        if self.id != self.name:
            data["id"] = self.id
        for flag in ("required", "unique", "index", "read_only", "hidden"):
            if getattr(self, flag):
                data[flag] = True
        if self.default is not None:
            data["default"] = self.default
        if self.help:
            data["help"] = self.help.dump()
        for condition in ("visible_when", "required_when", "read_only_when"):
            if getattr(self, condition):
                data[condition] = getattr(self, condition)
        if self.options:
            data["options"] = _plain(self.options)
        return data

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> FieldSpec:
        """Read JSON data of `dump`.

        Raises: FieldError with code schema.malformed for unknown keys or a missing name or type.
        """
        known = cls.__dataclass_fields__
        strange = [key for key in data if key not in known]
        if strange or not isinstance(data.get("name"), str) or not isinstance(data.get("type"), str):
            raise FieldError(
                str(data.get("name", "")),
                "schema.malformed",
                Text(
                    "A field needs a name and a type; unknown: %(keys)s.",
                    "字段需要名称和类型；无法识别：%(keys)s。",
                    keys=", ".join(map(str, strange)) or "–",
                ),
            )
        values = dict(data)
        values["label"] = Text.of(data.get("label", ""))
        if data.get("help"):
            values["help"] = Text.of(data["help"])
        return cls(**values)


@dataclass(frozen=True)
class Section:
    """A titled group of fields; `columns` side by side; shown only while `visible_when` holds."""

    label: Text
    fields: tuple[str, ...]
    columns: int = 2
    visible_when: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", Text.of(self.label))
        object.__setattr__(self, "fields", tuple(self.fields))

    def dump(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "label": self.label.dump(),
            "fields": list(self.fields),
            "columns": self.columns,
        }
        if self.visible_when:
            data["visible_when"] = self.visible_when
        return data

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Section:
        return cls(
            Text.of(data.get("label", "")),
            tuple(data.get("fields", ())),
            int(data.get("columns", 2)),
            str(data.get("visible_when", "")),
        )


@dataclass(frozen=True)
class Rule:
    """A condition every record must meet. It refuses when `must` is false; an unknown (empty) result passes.

    Args:
        must: condition in the formula language, e.g. `{due} >= {start}`.
        message: what the person reads.
        field: field the message stands at; "" = the whole record.
        code: stable error code.
    """

    must: str
    message: Text
    field: str = ""
    code: str = "rule.broken"

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", Text.of(self.message))

    def dump(self) -> dict[str, Any]:
        return {"must": self.must, "message": self.message.dump(), "field": self.field, "code": self.code}

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Rule:
        return cls(
            str(data.get("must", "")),
            Text.of(data.get("message", "")),
            str(data.get("field", "")),
            str(data.get("code", "rule.broken")),
        )


@dataclass(frozen=True)
class Schema:
    """Fields in order, how they are grouped on the sheet, and the rules over them.

    `checks` are what the table keeps by itself: they come from the model and are not dumped. `memo` keeps
    what others derive from it once (compiled cleaners); it is no part of its value.
    """

    fields: tuple[FieldSpec, ...] = ()
    sections: tuple[Section, ...] = ()
    rules: tuple[Rule, ...] = ()
    checks: tuple[Check, ...] = ()
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(self.fields))
        object.__setattr__(self, "sections", tuple(self.sections))
        object.__setattr__(self, "rules", tuple(self.rules))
        by_name = {spec.name: spec for spec in self.fields}
        object.__setattr__(self, "_by_name", by_name)
        object.__setattr__(self, "_by_id", {spec.id: spec for spec in self.fields})

    def __iter__(self) -> Iterator[FieldSpec]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    @property
    def _names(self) -> dict[str, FieldSpec]:
        names: dict[str, FieldSpec] = self.__dict__["_by_name"]
        return names

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._names)

    def get(self, name: str) -> FieldSpec | None:
        return self._names.get(name)

    def by_id(self, identity: str) -> FieldSpec | None:
        ids: dict[str, FieldSpec] = self.__dict__["_by_id"]
        return ids.get(identity)

    def __getitem__(self, name: str) -> FieldSpec:
        try:
            return self._names[name]
        except KeyError:
            raise UnknownField(
                Text("There is no field “%(name)s”.", "没有字段“%(name)s”。", name=name), field=name
            ) from None

    def only(self, names: Iterable[str]) -> Schema:
        """Return a schema of just these fields, in the given order, without sections, rules and checks."""
        return Schema(tuple(self[name] for name in names))

    def with_fields(self, *fields: FieldSpec) -> Schema:
        """Return a copy with fields replaced by name, or added at the end."""
        new = {spec.name: spec for spec in fields}
        kept = tuple(new.pop(spec.name, spec) for spec in self.fields)
        return Schema(kept + tuple(new.values()), self.sections, self.rules, self.checks)

    def laid_out(self) -> tuple[Section, ...]:
        """Return the sections; fields that no section names follow in a last, untitled one."""
        placed = {name for section in self.sections for name in section.fields}
        rest = tuple(spec.name for spec in self.fields if spec.name not in placed)
        return (*self.sections, Section(Text(""), rest)) if rest else self.sections

    def __getstate__(self) -> dict[str, Any]:
        return {
            "fields": self.fields,
            "sections": self.sections,
            "rules": self.rules,
            "checks": self.checks,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        for key, value in state.items():
            object.__setattr__(self, key, value)
        object.__setattr__(self, "memo", {})
        self.__post_init__()

    def dump(self) -> dict[str, Any]:
        """Return JSON data: {"fields": […], "sections": […], "rules": […]}."""
        data: dict[str, Any] = {"fields": [spec.dump() for spec in self.fields]}
        if self.sections:
            data["sections"] = [section.dump() for section in self.sections]
        if self.rules:
            data["rules"] = [rule.dump() for rule in self.rules]
        return data

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Schema:
        """Read JSON data of `dump`. Raises: FieldError (schema.malformed)."""
        return cls(
            tuple(FieldSpec.load(item) for item in data.get("fields", ())),
            tuple(Section.load(item) for item in data.get("sections", ())),
            tuple(Rule.load(item) for item in data.get("rules", ())),
        )


def schema_problems(schema: Schema, *, types: Collection[str] | None = None) -> list[FieldError]:
    """List everything wrong with a schema's shape, all at once.

    Formulas and options are checked by the fields room, which knows the types.

    Args:
        types: keys of the field types that exist; None skips that question.
    """
    problems: list[FieldError] = []

    def say(name: str, code: str, en: str, zh: str, **params: Any) -> None:
        problems.append(FieldError(name, f"schema.{code}", Text(en, zh, **params)))

    if len(schema.fields) > MAX_FIELDS:
        say("", "too_many_fields", "At most %(n)s fields.", "最多 %(n)s 个字段。", n=MAX_FIELDS)
    seen: set[str] = set()
    ids: set[str] = set()
    for spec in schema.fields:
        if not NAME.match(spec.name):
            say(
                spec.name,
                "bad_name",
                "A field name has lower-case letters, digits and _, starts with a letter, at most 50.",
                "字段名由小写字母、数字和下划线组成，以字母开头，最多 50 个字符。",
            )
        if spec.name in RESERVED_NAMES:
            say(spec.name, "reserved_name", "This name is reserved.", "该名称为系统保留。")
        if spec.name in seen:
            say(spec.name, "duplicate_name", "Two fields have this name.", "字段名重复。")
        if spec.id in ids:
            say(spec.name, "duplicate_id", "Two fields have the same identity.", "字段标识重复。")
        seen.add(spec.name)
        ids.add(spec.id)
        if types is not None and spec.type not in types:
            say(
                spec.name,
                "unknown_type",
                "There is no field type “%(type)s”.",
                "没有字段类型“%(type)s”。",
                type=spec.type,
            )
        if not spec.label:
            say(spec.name, "no_label", "A field needs a label.", "字段需要标题。")
    placed: set[str] = set()
    for section in schema.sections:
        if not 1 <= section.columns <= 4:
            say("", "bad_columns", "A section has 1 to 4 columns.", "分组为 1 至 4 列。")
        for name in section.fields:
            if name not in seen:
                say(name, "unknown_field", "A section names an unknown field.", "分组引用了不存在的字段。")
            elif name in placed:
                say(name, "placed_twice", "The field stands in two sections.", "字段出现在两个分组中。")
            placed.add(name)
    for rule in schema.rules:
        if rule.field and rule.field not in seen:
            say(rule.field, "unknown_field", "A rule names an unknown field.", "规则引用了不存在的字段。")
        if not rule.must.strip():
            say(rule.field, "empty_rule", "A rule has no condition.", "规则缺少条件。")
        if not rule.message:
            say(rule.field, "no_message", "A rule has no message.", "规则缺少提示语。")
    return problems


def schema_check(schema: Schema, *, types: Collection[str] | None = None) -> None:
    """Refuse a malformed schema. Raises: ErrorList with every problem."""
    problems = schema_problems(schema, types=types)
    if problems:
        raise ErrorList(problems, Text("The definition has mistakes.", "定义有误。"))


def _plain(value: Any) -> Any:
    """Turn options into JSON data: labels inside become {"en", "zh"}."""
    if isinstance(value, Text):
        return value.dump()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
