"""The nouns: everything with fields, written in code or made by an admin, behind one face."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Field, IntegerField, Model
from django.utils.module_loading import import_string

from forms_engine.core.typed import derived_schema
from forms_engine.fields.base import FieldType, type_of
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text

ID = "id"
X_PREFIX = "x_"
CREATE, UPDATE, ARCHIVE, RESTORE = "create", "update", "archive", "restore"
GENERIC_VERBS = (CREATE, UPDATE, ARCHIVE, RESTORE)


class UnknownEntity(NotFound):
    """There is no entity of this key."""

    code = "entity.unknown"


@dataclass(frozen=True)
class TableField:
    """Child rows shown and written with their parent: rows of `entity` whose reference `fk` points at it."""

    entity: str
    fk: str
    label: Text | None = None
    sort: str = "line_no"
    required: bool = False


@dataclass(frozen=True)
class EntityField:
    """A field of an entity as lists, filters and the store use it.

    `column` is the main column, None for child tables and formulas that live nowhere. `system` fields (id,
    times, version) are read only everywhere. `null` False = a typed column that holds "" for nothing.
    """

    name: str
    spec: FieldSpec
    type: FieldType
    column: str | None
    system: bool = False
    target: str | None = None
    null: bool = True

    @property
    def is_decimal(self) -> bool:
        """True if JSON must carry it as text, so that no digit is lost."""
        return self.column is not None and self.type.column(self.spec).pg_type.startswith("numeric")

    @property
    def is_writable(self) -> bool:
        return not (self.system or self.spec.read_only or self.type.is_computed)


def system_specs(key: str) -> tuple[FieldSpec, ...]:
    """Return the fields every entity has."""
    return (
        FieldSpec("id", "reference", Text("Id", "标识"), read_only=True, options={"target": key}),
        FieldSpec("created_at", "datetime", Text("Created", "创建时间"), read_only=True),
        FieldSpec("updated_at", "datetime", Text("Changed", "更新时间"), read_only=True),
        FieldSpec("version", "integer", Text("Row version", "行版本"), read_only=True),
        FieldSpec("archived_at", "datetime", Text("Archived", "归档时间"), read_only=True),
    )


@dataclass(frozen=True, kw_only=True)
class Entity:
    """Base of both kinds. Immutable: a published schema makes a new one.

    Args:
        key: `supply.calloff` or `x.furnace_log`.
        label, plural: what people read. schema: fields in order, sections, rules, child tables.
        table: the PostgreSQL table.
        scope: "supplier": rows belong to the supplier in `supplier_id`; "self": the row is one; None.
        title: field that names a record. business_key: fields that together find one record in an import.
        search: text fields the search box looks in.
        columns: fields a list shows by default.
        sort: default order, `-due` = newest first.
        tables: child tables by field name.
        read_only: no generic create and update (only its own actions write). archivable: may be archived.
        hidden: fields nobody sees here.
        editable: `f(record) -> bool`: whether its state lets it be edited now; None = always.
        version: global schema version this entity was read at.
    """

    key: str
    label: Text
    plural: Text
    schema: Schema
    table: str
    scope: str | None = None
    title: str = "code"
    business_key: tuple[str, ...] = ("code",)
    search: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sort: tuple[str, ...] = ("-created_at",)
    icon: str = "box"
    tables: Mapping[str, TableField] = field(default_factory=dict)
    read_only: bool = False
    archivable: bool = True
    hidden: frozenset[str] = frozenset()
    model: type[Model] | None = None
    create: Callable[..., Model] | None = None
    update: Callable[..., Model] | None = None
    editable: Callable[[Any], bool] | None = None
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_custom(self) -> bool:
        return self.model is None

    @cached_property
    def fields(self) -> dict[str, EntityField]:
        """All fields by name: the schema's in order, then the system's."""
        found = {spec.name: self._field(spec) for spec in self.schema if spec.name not in self.hidden}
        for spec in system_specs(self.key):
            if self.model is not None:
                column = self.model_columns.get(spec.name)
                if column is None:
                    continue
                if spec.name == ID and isinstance(column, IntegerField):
                    spec = FieldSpec(ID, "integer", spec.label, read_only=True)
            found[spec.name] = EntityField(
                spec.name,
                spec,
                type_of(spec),
                spec.name,
                system=True,
                target=self.key if spec.name == ID else None,
            )
        return found

    @cached_property
    def model_columns(self) -> dict[str, Field[Any, Any]]:
        """The typed model's fields by name; ledgers and planner output lack some of the system's."""
        return {} if self.model is None else {f.name: f for f in self.model._meta.concrete_fields}

    @property
    def may_be_archived(self) -> bool:
        return "archived_at" in self.fields

    def _field(self, spec: FieldSpec) -> EntityField:
        kind = type_of(spec)
        columns = kind.columns(spec)
        target = spec.option("target") if kind.key == "reference" else None
        null = True
        if self.model is not None and columns and not spec.name.startswith(X_PREFIX):
            null = bool(self.model._meta.get_field(spec.name).null)
        return EntityField(
            spec.name, spec, kind, columns[0].name if columns else None, target=target, null=null
        )

    def field(self, name: str) -> EntityField | None:
        return self.fields.get(name)

    def column_of(self, name: str) -> str:
        """Return the column of a stored field. Raises: KeyError."""
        found = self.fields[name]
        if found.column is None:
            raise KeyError(name)
        return found.column

    @cached_property
    def stored(self) -> tuple[EntityField, ...]:
        """The fields with a column."""
        return tuple(f for f in self.fields.values() if f.column is not None)

    @cached_property
    def x_names(self) -> frozenset[str]:
        """Fields an admin has added to a typed entity; the door writes them, services do not know them."""
        if self.model is None:
            return frozenset()
        return frozenset(name for name in self.schema.names if name.startswith(X_PREFIX))

    @cached_property
    def title_columns(self) -> tuple[str, ...]:
        """Columns that make up a record's label."""
        found = self.fields.get(self.title)
        return (found.column,) if found is not None and found.column else (ID,)

    def values_of(self, instance: Any) -> dict[str, Any]:
        """Return {field name: value} of a model instance, references as ids, without child tables."""
        row = {f.column: getattr(instance, f.column) for f in self.stored if hasattr(instance, f.column)}
        return self.values_from(row)

    def values_from(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return {field name: value} of a row of columns."""
        return {f.name: f.type.from_columns(f.spec, row) for f in self.stored if f.column in row}


@dataclass(frozen=True, kw_only=True)
class TypedDefinition:
    """What an app's `entities` module says about a model; the fields come from the model itself."""

    key: str
    model: type[Model]
    label: Text
    plural: Text
    settings: Mapping[str, Any]
    fields: tuple[str, ...] | None
    overrides: Mapping[str, Mapping[str, Any]]
    sections: tuple[Any, ...]
    rules: tuple[Any, ...]

    def build(self, extra: Iterable[FieldSpec] = ()) -> Entity:
        """Return the entity, with the x_ fields an admin has added."""
        tables: Mapping[str, TableField] = self.settings.get("tables", {})
        schema = derived_schema(
            self.model, only=self.fields, overrides=self.overrides, key_of_model=key_of_model
        )
        child_specs = tuple(
            FieldSpec(
                name,
                "table",
                child.label or _definition(child.entity).plural,
                required=child.required,
                read_only=bool(_definition(child.entity).settings["read_only"]),
                options={"entity": child.entity, "fk": child.fk},
            )
            for name, child in tables.items()
        )
        schema = Schema((*schema.fields, *extra, *child_specs), self.sections, self.rules, schema.checks)
        settings = dict(self.settings)
        if not settings.get("columns"):
            settings["columns"] = tuple(schema.names[:6])
        return Entity(
            key=self.key,
            label=self.label,
            plural=self.plural,
            schema=schema,
            table=self.model._meta.db_table,
            model=self.model,
            **settings,
        )


def ModelEntity(
    key: str,
    *,
    model: type[Model],
    label: Text | None = None,
    plural: Text | None = None,
    scope: str | None = None,
    title: str = "code",
    business_key: tuple[str, ...] = ("code",),
    search: Iterable[str] = (),
    columns: Iterable[str] = (),
    sort: Iterable[str] = ("-created_at",),
    icon: str = "box",
    create: Callable[..., Model] | None = None,
    update: Callable[..., Model] | None = None,
    editable: Callable[[Any], bool] | None = None,
    archivable: bool = True,
    tables: Mapping[str, TableField] | None = None,
    read_only: bool = False,
    hidden: Iterable[str] = (),
    fields: Iterable[str] | None = None,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    sections: Iterable[Any] = (),
    rules: Iterable[Any] = (),
) -> TypedDefinition:
    """Describe a typed entity; `entity_register` it in the app's `entities` module.

    Args:
        fields: names to offer, in order; None = every column of the model.
        overrides: {field: {type, options, required, read_only, help …}} where the derived field is not right.
        create, update: services `f(*, actor[, record], values) -> Model`; None = the hand-made store.
    """
    meta = model._meta
    return TypedDefinition(
        key=key,
        model=model,
        label=label or Text.of(meta.verbose_name),
        plural=plural or Text.of(meta.verbose_name_plural),
        settings={
            "scope": scope,
            "title": title,
            "business_key": tuple(business_key),
            "search": tuple(search),
            "columns": tuple(columns),
            "sort": tuple(sort),
            "icon": icon,
            "create": create,
            "update": update,
            "editable": editable,
            "archivable": archivable,
            "tables": dict(tables or {}),
            "read_only": read_only,
            "hidden": frozenset(hidden),
        },
        fields=tuple(fields) if fields is not None else None,
        overrides=overrides or {},
        sections=tuple(sections),
        rules=tuple(rules),
    )


_definitions: dict[str, TypedDefinition] = {}
_by_model: dict[type[Model], str] = {}


def entity_register(definition: TypedDefinition) -> TypedDefinition:
    """Offer a typed entity. Raises: RuntimeError if the key is taken."""
    if definition.key in _definitions:
        raise RuntimeError(f"entity {definition.key!r} is registered twice")
    _definitions[definition.key] = definition
    _by_model.setdefault(definition.model, definition.key)
    return definition


def _definition(key: str) -> TypedDefinition:
    try:
        return _definitions[key]
    except KeyError:
        raise UnknownEntity(_unknown(key)) from None


def typed_definitions() -> Mapping[str, TypedDefinition]:
    """Return what the apps have registered, by key."""
    return _definitions


def key_of_model(model: type[Model]) -> str:
    """Return the entity key of a model; one nobody registered still has a stable name."""
    return _by_model.get(model) or f"{model._meta.app_label}.{model._meta.model_name}"


def _unknown(key: str) -> Text:
    return Text("There is no entity “%(key)s”.", "没有实体“%(key)s”。", key=key[:80])


@dataclass(frozen=True)
class Entities:
    """All entities of one global schema version: immutable, swapped whole."""

    version: int
    by_key: Mapping[str, Entity]
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def get(self, key: str) -> Entity:
        """Return an entity. Raises: UnknownEntity."""
        try:
            return self.by_key[key]
        except (KeyError, TypeError):
            raise UnknownEntity(_unknown(str(key))) from None


LOADER = "forms_engine.core.published.entities_load"  # by name: they stand above this module
STAMP = "forms_engine.core.published.stamp_now"
_entities: Entities | None = None
_lock = threading.Lock()


def entities(at_least: int = 0) -> Entities:
    """Return the entities this process knows, read anew if they are older than a version."""
    global _entities
    current = _entities
    if current is None or current.version < at_least:
        with _lock:
            current = _entities
            if current is None or current.version < at_least:
                current = _entities = import_string(LOADER)()
    return current


def entities_current() -> Entities:
    """Return the entities as published by now, by whichever process (one tiny statement)."""
    return entities(at_least=import_string(STAMP)())


def entities_forget() -> None:
    """Read the schemas anew at the next use (tests that put another database in place)."""
    global _entities
    _entities = None


def entity(key: str) -> Entity:
    """Return an entity by its key, typed or admin-made. Raises: UnknownEntity."""
    known = entities()
    # Another process may have published it a moment ago.
    return known.get(key) if key in known.by_key else entities_current().get(key)


def entity_keys() -> list[str]:
    """Return all keys, sorted."""
    return sorted(entities().by_key)
