"""The API described: OpenAPI for programs, a page for people. Both show what the caller may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from forms_engine.access.actor import Actor, actor_of
from forms_engine.api.openapi import records_describe
from forms_engine.api.requests import answered, endpoint


def openapi_of(actor: Actor) -> dict[str, Any]:
    """Return the OpenAPI document an actor may see: fixed models by DRF, every entity and action by us."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    return records_describe(document, actor)


def _schema_get(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET the OpenAPI document."""
    return answered(openapi_of(actor))


def _docs_get(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET the same as a page."""
    document = openapi_of(actor_of(request))
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, methods in document["paths"].items():
        for method, operation in methods.items():
            words = (
                operation.get("summary") or operation.get("description") or operation.get("operationId", "")
            )
            entry = {"method": method.upper(), "path": address, "words": words}
            groups.setdefault((operation.get("tags") or ["api"])[0], []).append(entry)
    return render(request, "api/docs.html", {"groups": sorted(groups.items()), "info": document["info"]})


schema_view = endpoint(GET=_schema_get)
docs_page = endpoint(GET=_docs_get)
