"""Django models for tables nobody wrote a class for: admin-made entities, typed ones with x_ columns.

One `Catalog` per global schema version holds them all in a registry of its own, built from plain schemas,
never changed afterwards and swapped as a whole; a request keeps the one it began with. References are by
name inside the catalogue, so they lead to the shadow of a typed model (where `lot__x_furnace` can be
filtered), with no way back (`related_name="+"`). Domain code keeps using its own classes and never meets
these.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps.registry import Apps
from django.db import models

from forms_engine.base.models import BaseModel
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.tables.columns import field_columns, model_field, reference_target

CUSTOM_LABEL = "x"
BUILD_ALL_UP_TO = 300


@dataclass(frozen=True)
class EntityTable:
    """What the catalogue must know of one entity.

    Args:
        schema: all fields of an admin-made entity; only the x_ fields of a typed one.
        model: the class of a typed entity, None for an admin-made one.
    """

    key: str
    table: str
    schema: Schema
    label: Text
    model: type[models.Model] | None = None


class CatalogApps(Apps):
    """A registry that forgets nothing and caches nothing across registries.

    `Apps.get_models` is cached for all registries at once: it would keep the last catalogue alive and
    every class built would empty the cache of Django's own registry.
    """

    def get_models(self, include_auto_created: bool = False, include_swapped: bool = False) -> list[Any]:
        return [model for found in self.all_models.values() for model in found.values()]

    def clear_cache(self) -> None:
        """Classes here have no relations back, so a new one changes nothing about the others."""


def rebuild(key: str, values: dict[str, Any]) -> Any:
    """Make an instance again that was pickled or copied, as a member of the catalogue of now."""
    return catalog().model(key)(**values)


class CatalogModel(models.Model):
    """Base of every generated class: equal across catalogues, copied and pickled by entity key."""

    takt_key = ""

    class Meta:
        abstract = True

    def __reduce__(self) -> tuple[Any, ...]:
        names = [field.attname for field in self._meta.concrete_fields if field.attname in self.__dict__]
        return rebuild, (self.takt_key, {name: self.__dict__[name] for name in names})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CatalogModel):
            return NotImplemented
        if self.pk is None:
            return self is other
        return (self.takt_key, self.pk) == (other.takt_key, other.pk)

    def __hash__(self) -> int:
        if self.pk is None:
            raise TypeError("an instance without identity cannot be hashed")
        return hash((self.takt_key, self.pk))


class Catalog:
    """All generated models of one global schema version. Ask with `model(key)`."""

    def __init__(self, version: int, tables: Iterable[EntityTable] = ()) -> None:
        self.version = version
        self.tables: Mapping[str, EntityTable] = {table.key: table for table in tables}
        self._apps = CatalogApps()
        self._built: dict[str, type[models.Model]] = {}
        self._shadows: dict[type[models.Model], type[models.Model]] = {}
        self._of_model = {table.model: table for table in self.tables.values() if table.model is not None}
        self._lock = threading.RLock()
        if len(self.tables) <= BUILD_ALL_UP_TO:
            for key in self.tables:
                self.model(key)

    def model(self, key: str) -> type[models.Model]:
        """Return the class of an entity, built with everything it refers to when asked for first.

        Raises: NotFound.
        """
        made = self._built.get(key)
        if made is not None:
            return made
        table = self.tables.get(key)
        if table is None:
            raise NotFound(Text("There is no entity “%(key)s”.", "没有实体“%(key)s”。", key=key[:80]))
        with self._lock:
            if key not in self._built:
                self._build(table)
            return self._built[key]

    @property
    def models(self) -> Mapping[str, type[models.Model]]:
        """Every entity's class by key; building the rest where that was put off."""
        return {key: self.model(key) for key in self.tables}

    def users_of(self, key: str) -> list[tuple[str, str]]:
        """Return (entity key, field name) of every admin-made reference to an entity."""
        return [
            (table.key, spec.name)
            for table in self.tables.values()
            for spec in table.schema
            if reference_target(spec) == key
        ]

    def _build(self, table: EntityTable) -> type[models.Model]:
        if table.model is not None:
            return self._shadow(table.model)
        name = "".join(part.capitalize() for part in table.table.split("_"))
        body: dict[str, Any] = {
            field.name: field.clone() for field in BaseModel._meta.local_fields
        } | self._fields(table.schema)
        return self._make(name, CUSTOM_LABEL, table.key, table.table, table.label, body)

    def _shadow(self, model: type[models.Model]) -> type[models.Model]:
        if model in self._shadows:
            return self._shadows[model]
        table = self._of_model.get(model)
        meta = model._meta
        body = {field.name: self._copy(field) for field in meta.concrete_fields}
        if table is not None:
            body |= self._fields(table.schema)
        key = table.key if table is not None else f"{meta.app_label}.{meta.model_name}"
        made = self._make(model.__name__, meta.app_label, key, meta.db_table, meta.verbose_name, body)
        self._shadows[model] = made
        for field in meta.concrete_fields:
            if field.remote_field is not None:
                self._shadow(field.remote_field.model)
        return made

    def _make(
        self, name: str, label: str, key: str, table: str, words: Any, body: dict[str, Any]
    ) -> type[models.Model]:
        meta = type(
            "Meta",
            (),
            {
                "apps": self._apps,
                "app_label": label,
                "db_table": table,
                "managed": False,
                "verbose_name": words,
                "verbose_name_plural": words,
            },
        )
        made: type[models.Model] = type(
            name, (CatalogModel,), {"__module__": __name__, "takt_key": key, "Meta": meta, **body}
        )
        self._built[key] = made
        for field in made._meta.concrete_fields:
            target = getattr(field, "takt_target", None)
            if target is not None:
                self.model(target)
        return made

    def _fields(self, schema: Schema) -> dict[str, models.Field[Any, Any]]:
        made: dict[str, models.Field[Any, Any]] = {}
        for spec in schema:
            columns = field_columns(spec)
            target = reference_target(spec)
            if target is not None and columns and target in self.tables:
                made[spec.name] = self._reference(spec, columns[0].name, target)
                continue
            for column in columns:
                made[column.name] = model_field(spec, column)
        return made

    def _reference(self, spec: FieldSpec, column: str, target: str) -> models.ForeignKey[Any, Any]:
        to = self.tables[target]
        if to.model is not None:
            name = f"{to.model._meta.app_label}.{to.model.__name__}"
        else:
            name = f"{CUSTOM_LABEL}." + "".join(part.capitalize() for part in to.table.split("_"))
        field = _foreign_key(name, column, null=True, verbose_name=spec.label)
        field.takt_target = target  # type: ignore[attr-defined]
        return field

    def _copy(self, field: models.Field[Any, Any]) -> models.Field[Any, Any]:
        """Clone a column of a typed model; a reference leads to the target's shadow instead."""
        if field.remote_field is None:
            return field.clone()
        to = field.remote_field.model._meta
        return _foreign_key(
            f"{to.app_label}.{to.object_name}",
            field.column,
            null=field.null,
            verbose_name=field.verbose_name,
            primary_key=field.primary_key,
        )


def _foreign_key(to: str, column: str, **more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        to, models.DO_NOTHING, db_column=column, related_name="+", db_constraint=False, db_index=False, **more
    )


_current = Catalog(0)


def catalog() -> Catalog:
    """Return the catalogue of now; a request asks once and keeps it."""
    return _current


def catalog_swap(new: Catalog) -> None:
    """Put a finished catalogue in place of the current one."""
    global _current
    _current = new
