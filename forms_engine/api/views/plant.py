"""What there is to ask for, search over everything, jobs, schemas, files."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse

from forms_engine.access.actor import Actor
from forms_engine.api.requests import BadBody, answered, body_of, endpoint
from forms_engine.core.describe import action_dump, entities_for, entity_dump, loose_actions_for
from forms_engine.core.entity import entities_current, entity
from forms_engine.core.files import file_open
from forms_engine.core.query import search_all
from forms_engine.core.selectors import job_of
from forms_engine.core.services import attachment_store, entity_define, schema_publish
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


def index_get(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET the entities and actions the caller may use."""
    entities_current()
    return answered(
        {
            "entities": [entity_dump(actor, noun) for noun in entities_for(actor)],
            "actions": [action_dump(verb) for verb in loose_actions_for(actor)],
        }
    )


def search_get(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET hits over all entities for the palette."""
    hits = search_all(actor, request.GET.get("q", "")[:100])
    for hit in hits:
        hit["entity_label"] = hit["entity_label"].dump()
        hit["url"] = f"/e/{hit['entity']}/{hit['id']}/"
    return answered({"results": hits})


def job_get(request: HttpRequest, actor: Actor, pk: uuid.UUID) -> HttpResponse:
    """GET how far a background action is; only its owner may ask."""
    return answered(job_of(actor, pk))


def define_post(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST a new entity: {key, label, plural?, schema, scope?, …, dry_run?}."""
    body = body_of(request)
    schema = Schema.load(_object(body, "schema"))
    known = ("key", "label", "plural", "scope", "title", "business_key", "search", "columns", "sort", "icon")
    _only(body, (*known, "schema", "dry_run"))
    settings: dict[str, Any] = {name: body[name] for name in known if name in body}
    settings.setdefault("label", settings.get("key", ""))
    settings["key"] = str(settings.get("key", ""))
    done = entity_define(actor=actor, schema=schema, dry_run=bool(body.get("dry_run")), **settings)
    return answered(done.dump(), 200 if body.get("dry_run") else 201)


def schema_get(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """GET an entity's fields and actions."""
    entities_current()
    noun = entity(key)
    if noun not in entities_for(actor):
        noun = entity("")  # refuses: what one may not read does not exist
    return answered(entity_dump(actor, noun))


def schema_post(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """POST the next schema of an entity: {schema, dry_run?}."""
    body = body_of(request)
    _only(body, ("schema", "dry_run"))
    schema = Schema.load(_object(body, "schema"))
    done = schema_publish(actor=actor, entity_key=key, schema=schema, dry_run=bool(body.get("dry_run")))
    return answered(done.dump())


def file_post(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST a file (multipart field `file`); its id goes into a file field of a record."""
    sent = request.FILES.get("file")
    if sent is None:
        raise BadBody(Text("Send the file as multipart field “file”.", "请以 multipart 字段“file”上传文件。"))
    row = attachment_store(actor=actor, name=sent.name or "file", content=sent)
    data = {"id": str(row.pk), "name": row.name, "size": row.size, "sha256": row.sha256}
    return answered({**data, "content_type": row.content_type}, 201)


def file_get(request: HttpRequest, actor: Actor, pk: uuid.UUID) -> HttpResponse:
    """GET a stored file: always as a download, never as a page of ours."""
    row, handle = file_open(actor, pk)
    response = FileResponse(handle, as_attachment=True, filename=row.name, content_type=row.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    found = body.get(name)
    if not isinstance(found, dict):
        raise BadBody(Text("“%(name)s” must be an object.", "“%(name)s”须为对象。", name=name))
    return found


def _only(body: dict[str, Any], names: tuple[str, ...]) -> None:
    strange = sorted(set(body) - set(names))
    if strange:
        raise BadBody(Text("Unknown key %(name)s.", "未知字段 %(name)s。", name=strange[0][:80]))


index = endpoint(GET=index_get)
search = endpoint(GET=search_get)
job = endpoint(GET=job_get)
define = endpoint(POST=define_post)
schema = endpoint(GET=schema_get, POST=schema_post)
upload = endpoint(POST=file_post)
download = endpoint(GET=file_get)
