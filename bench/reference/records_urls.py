"""Bare views: the least code that creates, lists and reads the same 20 fields over HTTP."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal

import psycopg
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from forms_engine.kernel.ids import new_id

TABLE = "x_bench_plain"
COLUMNS = (
    *(f"text{n}" for n in range(1, 6)),
    *(f"number{n}" for n in range(1, 4)),
    *(f"amount{n}" for n in range(1, 4)),
    *(f"day{n}" for n in range(1, 3)),
    "moment1",
    *(f"flag{n}" for n in range(1, 3)),
    "choice1",
    "note1",
    "item_id",
)
INSERT = (
    f"INSERT INTO {TABLE} (id, created_at, updated_at, supplier_id, {', '.join(COLUMNS)}) "
    f"VALUES (%s, %s, %s, %s, {', '.join(['%s'] * len(COLUMNS))})"
)
SHOWN = ", ".join(f"{c}::text AS {c}" if c.startswith("amount") else c for c in COLUMNS)
LIST = (
    "SELECT json_agg(d)::text FROM (SELECT id, version, created_at, updated_at, archived_at, "
    f"{SHOWN} FROM {TABLE} WHERE number1 = %s ORDER BY created_at DESC, id DESC LIMIT 50) d"
)
ONE = (
    f"SELECT row_to_json(d)::text FROM (SELECT id, version, created_at, {SHOWN} FROM {TABLE} WHERE id = %s) d"
)


def execute(text: str, params: list[object]) -> psycopg.Cursor[tuple[object, ...]]:
    """Run one prepared statement through the pool of the site."""
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    cursor.execute(text, params, prepare=True)
    return cursor


def value(name: str, raw: object) -> object:
    """Check and convert one value, as the smallest validator would."""
    kind = name.rstrip("0123456789")
    if raw is None:
        return None
    if kind in ("text", "choice", "note"):
        if not isinstance(raw, str) or len(raw) > 500:
            raise ValueError(name)
        return raw
    if kind == "number":
        return int(raw)
    if kind == "amount":
        return Decimal(raw)
    if kind == "day":
        return dt.date.fromisoformat(raw)
    if kind == "moment":
        return dt.datetime.fromisoformat(raw)
    if kind == "flag":
        return bool(raw)
    return uuid.UUID(raw)


@csrf_exempt
def create(request: HttpRequest) -> HttpResponse:
    body = json.loads(request.body)
    pk, now = new_id(), dt.datetime.now(dt.UTC)
    row = [value(name, body.get(name.removesuffix("_id"))) for name in COLUMNS]
    execute(INSERT, [pk, now, now, uuid.UUID(request.headers["X-Supplier"]), *row])
    return HttpResponse(f'{{"id":"{pk}"}}', content_type="application/json", status=201)


def listing(request: HttpRequest) -> HttpResponse:
    rows = execute(LIST, [int(request.GET["number1"])]).fetchone()[0]
    return HttpResponse(f'{{"results":{rows or "[]"}}}', content_type="application/json")


def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return HttpResponse(execute(ONE, [pk]).fetchone()[0], content_type="application/json")


urlpatterns = [
    path("bare/", create),
    path("bare/list/", listing),
    path("bare/<uuid:pk>/", detail),
    path("", include("jit.config.urls")),
]
