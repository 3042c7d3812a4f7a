"""Lists, records, verbs."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse

from forms_engine.access.actor import Actor
from forms_engine.api.problems import request_id
from forms_engine.api.requests import answered, body_of, endpoint, spec_of, version_of
from forms_engine.core.entity import entity
from forms_engine.core.query import lookup, query_json, record_history, record_json
from forms_engine.core.run import ActionResult, ActionUnknown, action_of, action_run
from forms_engine.kernel.text import Text

JSON = "application/json"


def list_get(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """GET a page of records."""
    return HttpResponse(query_json(actor, key, spec_of(request)), content_type=JSON)


def record_post(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """POST a new record."""
    result = _run(request, actor, f"{key}.create")
    response = _answer(result, 201)
    response["Location"] = f"/api/v1/{key}/{result.record_id}/"
    return response


def record_read(request: HttpRequest, actor: Actor, key: str, pk: uuid.UUID) -> HttpResponse:
    """GET one record with its lines."""
    return HttpResponse(record_json(actor, key, pk), content_type=JSON)


def record_patch(request: HttpRequest, actor: Actor, key: str, pk: uuid.UUID) -> HttpResponse:
    """PATCH fields of a record; `If-Match: <version>` refuses when somebody was faster."""
    return _answer(_run(request, actor, f"{key}.update", record=pk), 200)


def verb_post(request: HttpRequest, actor: Actor, key: str, pk: uuid.UUID, verb: str) -> HttpResponse:
    """POST an action on a record."""
    return _answer(_run(request, actor, f"{key}.{verb}", record=pk), 200)


def do_post(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """POST an action that needs no record."""
    if action_of(key).record_needed and action_of(key).entity is not None:
        raise ActionUnknown(Text("This action needs a record.", "该动作需要一条记录。"))
    return _answer(_run(request, actor, key), 200)


def lookup_get(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """GET records to choose from."""
    entity(key)
    return answered({"results": lookup(actor, key, request.GET.get("q", "")[:100])})


def history_get(request: HttpRequest, actor: Actor, key: str, pk: uuid.UUID) -> HttpResponse:
    """GET the changes of a record."""
    return answered({"results": record_history(actor, key, pk)})


def _run(request: HttpRequest, actor: Actor, key: str, record: uuid.UUID | None = None) -> ActionResult:
    return action_run(
        actor=actor,
        key=key,
        record=record,
        raw=body_of(request),
        idempotency_key=request.headers.get("Idempotency-Key") or None,
        request_id=request_id(request),
        expected_version=version_of(request),
    )


def _answer(result: ActionResult, status: int) -> HttpResponse:
    data = dict(result.data)
    if result.record_id is not None:
        data.setdefault("id", str(result.record_id))
    if result.job_id is not None:
        data["job_id"] = str(result.job_id)
        status = 202
    response = answered(data, status)
    if result.replayed:
        response["Idempotent-Replayed"] = "true"
    return response


list_or_create = endpoint(GET=list_get, POST=record_post)
read_or_change = endpoint(GET=record_read, PATCH=record_patch)
act = endpoint(POST=verb_post)
do = endpoint(POST=do_post)
choose = endpoint(GET=lookup_get)
history = endpoint(GET=history_get)
