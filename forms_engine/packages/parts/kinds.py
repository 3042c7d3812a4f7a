"""Roles, fields, forms, flows, alerts and menus as parts of a package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_engine.access.models import Grant, Role
from forms_engine.access.services import grants_set, role_define
from forms_engine.alerts.models import AlertRule
from forms_engine.alerts.services import alert_rule_define
from forms_engine.core.entity import entities
from forms_engine.core.services import entity_define, field_add
from forms_engine.forms.layout import layout_load
from forms_engine.forms.models import FormDefinition, FormVersion
from forms_engine.forms.services import form_publish
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.packages.models import MenuItem
from forms_engine.packages.parts.base import Part, parts
from forms_engine.workflows.engine.graph import Graph
from forms_engine.workflows.models import Workflow
from forms_engine.workflows.services.publishing import workflow_publish


@parts.register
class RolePart(Part):
    """`roles/buyer.yaml`: key, label, grants."""

    key = "roles"
    order = 10

    def settled(self, data: Mapping[str, Any]) -> dict[str, Any]:
        grants = [_grant(one) for one in data.get("grants", ())]
        return {"key": data["key"], "label": Text.of(data["label"]).dump(), "grants": sorted(grants, key=str)}

    def live(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        role = Role.objects.filter(key=data["key"]).first()
        if role is None:
            return None
        if role.archived_at is not None:  # ended in the plant: an installation keeps it so
            return {"key": role.key, "label": Text.of(role.label).dump(), "grants": []}
        grants = [
            _grant(
                {
                    "entity": row.entity,
                    "actions": row.actions,
                    "condition": row.condition,
                    "hidden_fields": row.hidden_fields,
                    "read_only_fields": row.read_only_fields,
                }
            )
            for row in Grant.objects.filter(role=role)
        ]
        return {"key": role.key, "label": Text.of(role.label).dump(), "grants": sorted(grants, key=str)}

    def write(self, *, actor: Any, data: Mapping[str, Any]) -> None:
        role_define(actor=actor, key=data["key"], label=data["label"])
        grants_set(actor=actor, role=data["key"], grants=data.get("grants", ()))


def _grant(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "entity": one["entity"],
        "actions": sorted(one.get("actions") or ["read"]),
        "condition": one.get("condition") or "",
        "hidden_fields": sorted(one.get("hidden_fields") or ()),
        "read_only_fields": sorted(one.get("read_only_fields") or ()),
    }


@parts.register
class EntityPart(Part):
    """`entities/visitor.yaml`: an admin-made entity, or fields for a typed one; only adds."""

    key = "entities"
    order = 20

    def settled(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {"key": data["key"], "fields": sorted(_x_name(data, one["name"]) for one in data["fields"])}

    def live(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        noun = entities().by_key.get(data["key"])
        if noun is None:
            return None
        wanted = {_x_name(data, one["name"]) for one in data["fields"]}
        found = sorted(wanted & set(noun.schema.names))
        return {"key": noun.key, "fields": found} if found else None

    def write(self, *, actor: Any, data: Mapping[str, Any]) -> None:
        specs = [FieldSpec(**one) for one in data["fields"]]
        noun = entities().by_key.get(data["key"])
        if noun is None:
            entity_define(
                actor=actor,
                key=data["key"],
                label=data["label"],
                plural=data.get("plural"),
                schema=Schema(tuple(specs)),
                title=data.get("title", ""),
                columns=data.get("columns", ()),
                icon=data.get("icon", "box"),
            )
            return
        for spec in specs:
            if _x_name(data, spec.name) not in entities().get(data["key"]).fields:
                field_add(actor=actor, entity_key=data["key"], spec=spec)


def _x_name(data: Mapping[str, Any], name: str) -> str:
    return name if str(data["key"]).startswith("x.") or name.startswith("x_") else f"x_{name}"


@parts.register
class FormPart(Part):
    """`forms/plan.yaml`: slug, entity or action, title, layout."""

    key = "forms"
    order = 30

    def settled(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "slug": data["slug"],
            "entity": data.get("entity", ""),
            "action": data.get("action", ""),
            "title": Text.of(data["title"]).dump(),
            "default": bool(data.get("default")),
            "layout": layout_load(data["layout"]).dump(),
        }

    def live(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        row = FormDefinition.objects.filter(slug=data["slug"], archived_at=None).first()
        if row is None:
            return None
        version = FormVersion.objects.filter(form=row, number=row.version_no).first()
        return {
            "slug": row.slug,
            "entity": row.entity,
            "action": row.action,
            "title": row.title.dump(),
            "default": row.is_default,
            "layout": version.layout if version else {},
        }

    def write(self, *, actor: Any, data: Mapping[str, Any]) -> None:
        form_publish(
            actor=actor,
            slug=data["slug"],
            title=Text.of(data["title"]),
            layout=data["layout"],
            entity_key=data.get("entity", ""),
            action_key=data.get("action", ""),
            is_default=bool(data.get("default")),
        )


@parts.register
class FlowPart(Part):
    """`flows/plan_approval.yaml`: a drawing as `docs/flows.md` describes it."""

    key = "flows"
    order = 40

    def settled(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return dict(Graph.load(data).dump())

    def live(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        row = Workflow.objects.filter(slug=data["slug"], archived_at=None).first()
        return dict(row.current.definition) if row is not None and row.current is not None else None

    def write(self, *, actor: Any, data: Mapping[str, Any]) -> None:
        workflow_publish(actor=actor, definition=dict(data))


@parts.register
class AlertPart(Part):
    """`alerts/stock_out.yaml`: key, type, options, title, whom to tell."""

    key = "alerts"
    order = 50

    def settled(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "key": data["key"],
            "type": data["type"],
            "title": Text.of(data["title"]).dump(),
            "options": dict(data.get("options") or {}),
            "roles": list(data.get("roles") or ()),
            "every_seconds": int(data.get("every_seconds", 60)),
            "is_active": bool(data.get("is_active", True)),
        }

    def live(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        row = AlertRule.objects.filter(key=data["key"], archived_at=None).first()
        if row is None:
            return None
        return {
            "key": row.key,
            "type": row.type,
            "title": Text.of(row.title).dump(),
            "options": row.options,
            "roles": row.roles,
            "every_seconds": row.every_seconds,
            "is_active": row.is_active,
        }

    def write(self, *, actor: Any, data: Mapping[str, Any]) -> None:
        alert_rule_define(actor=actor, **self.settled(data))


@parts.register
class MenuPart(Part):
    """`menus/planner.yaml`: a list of entries."""

    key = "menus"
    order = 60

    def settled(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {"entries": [_entry(one) for one in data["entries"]]}

    def live(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        keys = [one["key"] for one in data["entries"]]
        rows = {row.key: row for row in MenuItem.objects.filter(key__in=keys, archived_at=None)}
        if not rows:
            return None
        return {"entries": [_entry(_menu_data(rows[key])) for key in keys if key in rows]}

    def write(self, *, actor: Any, data: Mapping[str, Any]) -> None:
        for one in data["entries"]:
            entry = _entry(one)
            group, label = Text.load(entry["group"]), Text.load(entry["label"])
            MenuItem.objects.update_or_create(
                key=entry["key"],
                defaults={
                    "group_en": group.in_language("en"),
                    "group_zh": group.in_language("zh-hans"),
                    "label_en": label.in_language("en"),
                    "label_zh": label.in_language("zh-hans"),
                    "url": entry["url"],
                    "icon": entry["icon"],
                    "entity": entry["entity"],
                    "roles": entry["roles"],
                    "position": entry["position"],
                    "on_phone": entry["on_phone"],
                    "is_home": entry["is_home"],
                    "archived_at": None,
                },
            )


def _menu_data(row: MenuItem) -> dict[str, Any]:
    return {
        "key": row.key,
        "group": {"en": row.group_en, "zh": row.group_zh},
        "label": {"en": row.label_en, "zh": row.label_zh},
        "url": row.url,
        "icon": row.icon,
        "entity": row.entity,
        "roles": row.roles,
        "position": row.position,
        "on_phone": row.on_phone,
        "is_home": row.is_home,
    }


def _entry(one: Mapping[str, Any]) -> dict[str, Any]:
    entity_key = one.get("entity", "")
    return {
        "key": one["key"],
        "group": Text.of(one.get("group") or "").dump(),
        "label": Text.of(one["label"]).dump(),
        "url": one.get("url") or f"/e/{entity_key}/",
        "icon": one.get("icon", "box"),
        "entity": entity_key,
        "roles": list(one.get("roles") or ()),
        "position": int(one.get("position", 100)),
        "on_phone": bool(one.get("on_phone")),
        "is_home": bool(one.get("is_home")),
    }
