"""Add every entity and action to the OpenAPI document: they are data, so no view class could tell."""

from __future__ import annotations

from typing import Any

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.action import Action
from forms_engine.core.describe import entities_for, loose_actions_for, verbs_for
from forms_engine.core.entity import Entity
from forms_engine.kernel.schema import FieldSpec, Schema

SCALARS: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "decimal": {"type": "string", "format": "decimal"},
    "quantity": {"type": "string", "format": "decimal"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "reference": {"type": "string", "description": "id, or the business number"},
    "file": {"type": "array", "items": {"type": "string", "format": "uuid"}},
    "json": {"type": "object"},
}
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 200},
    "description": "made by the client for one intent; the same key with the same body happens once",
}
LIST_PARAMETERS = (
    ("q", "words to search for"),
    ("filter", 'JSON: ["and", ["ge", "due", "2026-11-24"], …]'),
    ("sort", "names, -name for descending"),
    ("fields", "names to return"),
    ("group", "names, or due:month"),
    ("aggregates", "count, sum:quantity, …"),
    ("after", "cursor `next` of the page before"),
    ("before", "cursor `prev`"),
    ("size", "1 to 500"),
    ("count", "1 = count too"),
    ("archived", "1 = only archived, all = both"),
)


def records_describe(document: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """Return the document with the paths of every entity and action the actor may use."""
    paths = document.setdefault("paths", {})
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    document["components"].setdefault("securitySchemes", {})["token"] = {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "Token takt_…",
    }
    document["security"] = [{"token": []}]
    schemas["Problem"] = _problem_schema()
    for noun in entities_for(actor):
        hidden = policy.field_rights(actor, noun).hidden
        schemas[noun.key] = _object(noun.schema, hidden)
        _entity_paths(paths, noun, verbs_for(actor, noun))
    for verb in loose_actions_for(actor):
        paths[f"/api/v1/do/{verb.key}/"] = {"post": _verb(verb, "actions")}
    return document


def _entity_paths(paths: dict[str, Any], noun: Entity, verbs: list[Action]) -> None:
    base = f"/api/v1/{noun.key}/"
    keys = {verb.key: verb for verb in verbs}
    ref = {"$ref": f"#/components/schemas/{noun.key}"}
    listing: dict[str, Any] = {
        "tags": [noun.key],
        "summary": f"List {noun.plural.en}",
        "operationId": f"{noun.key}.list",
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": "string"}, "description": words}
            for name, words in LIST_PARAMETERS
        ],
        "responses": _responses(
            {"type": "object", "properties": {"results": {"type": "array", "items": ref}}}
        ),
    }
    paths[base] = {"get": listing}
    one = {"tags": [noun.key], "summary": f"Read one of {noun.plural.en}", "operationId": f"{noun.key}.read"}
    pk = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    paths[f"{base}{{id}}/"] = {"get": {**one, "parameters": [pk], "responses": _responses(ref)}}
    create, update = keys.pop(f"{noun.key}.create", None), keys.pop(f"{noun.key}.update", None)
    if create is not None:
        paths[base]["post"] = _verb(create, noun.key, ref)
    if update is not None:
        paths[f"{base}{{id}}/"]["patch"] = {**_verb(update, noun.key, ref), "parameters": [pk, KEY_HEADER]}
    for verb in keys.values():
        operation = _verb(verb, noun.key)
        if verb.record_needed:
            operation["parameters"] = [pk, KEY_HEADER]
            paths[f"{base}{{id}}/{verb.verb}/"] = {"post": operation}
        else:
            paths[f"/api/v1/do/{verb.key}/"] = {"post": operation}


def _verb(verb: Action, tag: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    schema = body or _object(verb.inputs, frozenset())
    return {
        "tags": [tag],
        "summary": verb.label.en or verb.key,
        "operationId": verb.key,
        "parameters": [KEY_HEADER],
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": _responses({"type": "object"}),
    }


def _responses(schema: dict[str, Any]) -> dict[str, Any]:
    refused = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "200": {"description": "done", "content": {"application/json": {"schema": schema}}},
        "default": {"description": "refused", "content": refused},
    }


def _object(schema: Schema, hidden: frozenset[str]) -> dict[str, Any]:
    shown = [spec for spec in schema if spec.name not in hidden]
    result: dict[str, Any] = {
        "type": "object",
        "properties": {spec.name: _field(spec) for spec in shown},
    }
    required = [spec.name for spec in shown if spec.required and not spec.read_only]
    if required:
        result["required"] = required
    return result


def _field(spec: FieldSpec) -> dict[str, Any]:
    data = dict(SCALARS.get(spec.type, {"type": "string"}))
    if spec.type == "table":
        target = spec.option("entity")
        items = {"$ref": f"#/components/schemas/{target}"} if target else {"type": "object"}
        data = {"type": "array", "items": items}
    if spec.type == "choice" and isinstance(spec.option("choices"), list | tuple):
        data["enum"] = [c["value"] if isinstance(c, dict) else str(c) for c in spec.option("choices")]
    data["title"] = spec.label.en
    data["x-title-zh"] = spec.label.zh
    if spec.read_only:
        data["readOnly"] = True
    return data


def _problem_schema() -> dict[str, Any]:
    words = {"type": "object", "properties": {"en": {"type": "string"}, "zh": {"type": "string"}}}
    error = {
        "type": "object",
        "properties": {"field": {"type": "string"}, "code": {"type": "string"}, "message": words},
    }
    return {
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "status": {"type": "integer"},
            "title": words,
            "errors": {"type": "array", "items": error},
            "request_id": {"type": "string"},
        },
    }
