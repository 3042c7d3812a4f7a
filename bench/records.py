"""Records over REST with everything on, beside bare psycopg views on the same server in the same run.

`python3 manage.py bench records [--rows 100000] [--seconds 4]`. CPU is what the web processes and all
PostgreSQL processes spend (/proc), per request. "Everything on": token, grants, schema version, idempotency
key, cleaning, journal, outbox; as a planner and as a supplier behind row-level security.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.reference.records_settings"
import django

django.setup()

import psycopg  # noqa: E402
from django.db import connections  # noqa: E402

from bench.reference.records_urls import COLUMNS, TABLE  # noqa: E402
from forms_engine.access import services  # noqa: E402
from forms_engine.access.actor import Actor  # noqa: E402
from forms_engine.access.models import User  # noqa: E402
from forms_engine.core.entity import entities  # noqa: E402
from forms_engine.core.query import QuerySpec, query_json, query_page  # noqa: E402
from forms_engine.core.services import entity_define, field_add  # noqa: E402
from forms_engine.kernel.schema import FieldSpec, Schema  # noqa: E402
from forms_engine.tables.locks import entity_lock  # noqa: E402
from jit.catalog.models import Item, Supplier, Unit  # noqa: E402
from jit.config.boot import ports, processes  # noqa: E402

KEY, OURS = "x.bench", "x_bench"
SYSTEM = Actor.system("bench")
TICK = os.sysconf("SC_CLK_TCK")
GROUPS = 500
CLIENTS = 4


# --- the data -----------------------------------------------------------------------------------------------


def schema() -> Schema:
    """Twenty fields of every common type; five of them indexed."""
    kinds = {"text": "text", "number": "integer", "amount": "decimal", "day": "date"}
    kinds |= {"moment": "datetime", "flag": "boolean", "choice": "choice", "note": "long_text"}
    fields = []
    for column in COLUMNS:
        kind = kinds.get(column.rstrip("0123456789"))
        if kind is None:
            fields.append(FieldSpec("item", "reference", "Item", options={"target": "catalog.item"}))
            fields.append(
                FieldSpec("supplier", "reference", "Supplier", options={"target": "catalog.supplier"})
            )
            continue
        options = {"choices": ["open", "done"]} if kind == "choice" else {}
        indexed = column in ("number1", "text1", "amount1", "day1")
        fields.append(
            FieldSpec(column, kind, column, index=indexed, required=column == "text1", options=options)
        )
    return Schema(tuple(fields))


def prepare(rows: int) -> dict[str, Any]:
    """Make entity, twin table, rows, people and tokens; keep what an earlier run has made."""
    if KEY not in entities().by_key:
        entity_define(
            actor=SYSTEM, key=KEY, label="Bench", schema=schema(), scope="supplier", search=["text2"]
        )
    unit, _ = Unit.objects.get_or_create(code="BENCH")
    item, _ = Item.objects.get_or_create(code="BENCH", defaults={"name": "bench", "unit": unit})
    supplier, _ = Supplier.objects.get_or_create(code="BENCH", defaults={"name": "bench"})
    other, _ = Supplier.objects.get_or_create(code="OTHER", defaults={"name": "other"})
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (LIKE {OURS} INCLUDING ALL)")
        cursor.execute(f"GRANT SELECT, INSERT ON {TABLE} TO app_rw")
        for table in (OURS, TABLE):
            fill(cursor, table, rows, item.pk, supplier.pk, other.pk)
    role = services.role_define(actor=SYSTEM, key="bench", label="bench").key
    services.grants_set(
        actor=SYSTEM,
        role=role,
        grants=[{"entity": KEY, "actions": ["*"]}, {"entity": "catalog.*", "actions": ["read"]}],
    )
    secrets = {}
    for name, owner in (("planner", None), ("supplier", supplier.pk)):
        user = User.objects.filter(username=f"bench-{name}").first() or services.user_create(
            actor=SYSTEM, username=f"bench-{name}", roles=[role], supplier_id=owner
        )
        secrets[name] = services.token_create(actor=SYSTEM, user=user)[1]
    return {"item": str(item.pk), "owner": str(supplier.pk), **secrets}


def fill(cursor: Any, table: str, rows: int, item: Any, supplier: Any, other: Any) -> None:
    """Bring a table to `rows` rows: one in four belongs to the supplier."""
    cursor.execute(f"SELECT count(*) FROM {table}")
    have = cursor.fetchone()[0]
    if have >= rows:
        return
    values = {
        "text": "'text ' || g",
        "number": f"g % {GROUPS}",
        "amount": "(g % 9973)::numeric / 4",
        "day": "date '2026-01-01' + g % 365",
        "moment": "timestamptz '2026-01-01' + g * interval '1 second'",
        "flag": "g % 2 = 0",
        "choice": "'open'",
        "note": "'note ' || g",
        "item_id": f"'{item}'::uuid",
    }
    listed = ", ".join(values[c if c == "item_id" else c.rstrip("0123456789")] for c in COLUMNS)
    is_ours = table == OURS
    if is_ours:  # a million journal lines of the bulk load are not what is measured
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER takt_journal_insert")
    cursor.execute(
        f"INSERT INTO {table} (id, created_at, updated_at, supplier_id, {', '.join(COLUMNS)}) "
        "SELECT gen_random_uuid(), timestamptz '2025-01-01' + g * interval '1 second', now(), "
        f"CASE WHEN g % 4 = 0 THEN '{supplier}'::uuid ELSE '{other}'::uuid END, {listed} "
        f"FROM generate_series({have + 1}, {rows}) g"
    )
    if is_ours:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER takt_journal_insert")
    cursor.execute(f"VACUUM ANALYZE {table}")


# --- the server and its clock -------------------------------------------------------------------------------


@contextlib.contextmanager
def served() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run the web process as a plant does, on a free port."""
    port = ports.choose("127.0.0.1", 28_571)
    environment = dict(os.environ) | {"TAKT_WEB_PORT": str(port), "TAKT_WEB_WORKERS": "1"}
    command = processes.command_line("web", environment)
    child = subprocess.Popen(command, env=processes.environment_of("web", environment))
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                client.request("GET", "/bare/list/?number1=1")
                if client.getresponse().status == 200:
                    break
            time.sleep(0.1)
        yield port, child
    finally:
        child.terminate()
        child.wait(20)


def cpu_of(pids: list[int]) -> float:
    """Return the CPU seconds processes and their children have spent so far."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(ticks) for ticks in parts[11:15])
    return total / TICK


def family(root: int) -> list[int]:
    """Return a process and its living descendants."""
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                queue += [int(child) for child in (task / "children").read_text().split()]
    return list(dict.fromkeys(found))


def postmaster() -> int:
    """Return the pid of the PostgreSQL server: the parent of any backend."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


def load(port: int, seconds: float, ask: Callable[[int], tuple[str, str, Any, dict[str, str]]]) -> int:
    """Send requests from CLIENTS connections for so long; returns how many were answered well."""
    done = [0] * CLIENTS
    end = time.monotonic() + seconds

    def work(number: int) -> None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < end:
            method, path, body, headers = ask(number)
            client.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
            answer = client.getresponse()
            text = answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
            done[number] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def measured(port: int, root: int, seconds: float, ask: Any) -> float:
    """Return CPU milliseconds per request, web and PostgreSQL together."""
    load(port, 0.3, ask)
    pids = [*family(root), *family(postmaster())]
    before = cpu_of(pids)
    count = load(port, seconds, ask)
    pids = list(dict.fromkeys([*pids, *family(root), *family(postmaster())]))
    return (cpu_of(pids) - before) / count * 1000


def body(item: str) -> dict[str, Any]:
    """Return one record as a client sends it."""
    kinds = {"text": "some text", "number": 7, "amount": "12.50", "day": "2026-11-24"}
    kinds |= {"moment": "2026-11-24T08:00:00+00:00", "flag": True, "choice": "open", "note": "a note"}
    return {c.removesuffix("_id"): kinds.get(c.rstrip("0123456789"), item) for c in COLUMNS}


# --- the questions ------------------------------------------------------------------------------------------


def rest(world: dict[str, Any], seconds: float, rounds: int) -> None:
    """Create, list, detail: bare, planner, supplier, in turns; prints medians and ratios."""
    sent = body(world["item"])
    full = {**sent, "supplier": world["owner"]}
    own_sent = {name: value for name, value in sent.items() if name != "item"}  # master data is the plant's
    own = {"X-Supplier": world["owner"], "Content-Type": "application/json"}
    pk = query_page(SYSTEM, KEY, QuerySpec(size=1)).rows[0]["id"]
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT id FROM {TABLE} LIMIT 1")
        bare_pk = cursor.fetchone()[0]
        cursor.execute(f"SELECT id FROM {OURS} WHERE supplier_id = %s LIMIT 1", [world["owner"]])
        own_pk = cursor.fetchone()[0]
    clause = urllib.parse.quote(json.dumps(["eq", "number1", 8]))

    def headers(who: str) -> dict[str, str]:
        return {"Authorization": f"Token {world[who]}", "Content-Type": "application/json"}

    def keyed(who: str) -> dict[str, str]:
        return {**headers(who), "Idempotency-Key": uuid.uuid4().hex}

    asks: dict[str, dict[str, Any]] = {
        "create": {
            "bare": lambda n: ("POST", "/bare/", sent, own),
            "planner": lambda n: ("POST", f"/api/v1/{KEY}/", full, keyed("planner")),
            "supplier": lambda n: ("POST", f"/api/v1/{KEY}/", own_sent, keyed("supplier")),
        },
        "list": {
            "bare": lambda n: ("GET", "/bare/list/?number1=8", None, {}),
            "planner": lambda n: ("GET", f"/api/v1/{KEY}/?filter={clause}", None, headers("planner")),
            "supplier": lambda n: ("GET", f"/api/v1/{KEY}/?filter={clause}", None, headers("supplier")),
        },
        "detail": {
            "bare": lambda n: ("GET", f"/bare/{bare_pk}/", None, {}),
            "planner": lambda n: ("GET", f"/api/v1/{KEY}/{pk}/", None, headers("planner")),
            "supplier": lambda n: ("GET", f"/api/v1/{KEY}/{own_pk}/", None, headers("supplier")),
        },
    }
    with served() as (port, child):
        for name, sides in asks.items():
            figures: dict[str, list[float]] = {side: [] for side in sides}
            for _ in range(rounds):
                for side, ask in sides.items():
                    figures[side].append(measured(port, child.pid, seconds, ask))
            bare = statistics.median(figures["bare"])
            for side, values in figures.items():
                middle = statistics.median(values)
                print(
                    f"{name:7} {side:9} {middle:7.3f} ms CPU web+PG  {middle / bare:5.2f}x bare", flush=True
                )


def middle_ms(work: Callable[[], Any], times: int = 60) -> float:
    """Return the median wall milliseconds of a call."""
    work()
    samples = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        samples.append((time.perf_counter() - started) * 1000)
    return statistics.median(samples)


def pages() -> None:
    """A filtered page beside the same SQL by hand; a deep page beside the first."""
    shown = ", ".join(f"{c}::text AS {c}" if c.startswith("amount") else f"t.{c}" for c in COLUMNS)
    hand = (
        f"SELECT json_agg(d)::text FROM (SELECT t.id, t.version, {shown}, i.code FROM {OURS} t "
        "LEFT JOIN catalog_item i ON i.id = t.item_id WHERE t.archived_at IS NULL AND t.number1 = %s "
        "AND t.text2 ILIKE %s ORDER BY t.created_at DESC, t.id DESC LIMIT 50) d"
    )
    spec = QuerySpec(filter=["and", ["eq", "number1", 8], ["contains", "text2", "text"]])
    connection = connections["default"]
    connection.ensure_connection()

    def by_hand() -> None:
        cursor = psycopg.Cursor(connection.connection)
        cursor.execute(hand, [8, "%text%"], prepare=True)
        cursor.fetchone()

    theirs = middle_ms(by_hand)
    ours = middle_ms(lambda: query_json(SYSTEM, KEY, spec))
    print(f"filtered page {ours:.2f} ms, same SQL by hand {theirs:.2f} ms: {ours / theirs:.2f}x", flush=True)
    first = middle_ms(lambda: query_json(SYSTEM, KEY, QuerySpec(sort=("number2",))))
    for order in (("-created_at",), ("amount1",)):
        page = query_page(SYSTEM, KEY, QuerySpec(sort=order, size=1, filter=_halfway(order[0])))
        deep = page.next
        top = middle_ms(lambda order=order: query_json(SYSTEM, KEY, QuerySpec(sort=order)))
        below = middle_ms(
            lambda order=order, deep=deep: query_json(SYSTEM, KEY, QuerySpec(sort=order, after=deep))
        )
        print(
            f"page 1 by {order[0]} {top:.2f} ms, half way down {below:.2f} ms: {below / top:.2f}x", flush=True
        )
    print(f"(page 1 by an unindexed field: {first:.1f} ms)", flush=True)


def _halfway(order: str) -> list[Any]:
    name = order.lstrip("-")
    with connections["default"].cursor() as cursor:
        kind = "disc" if name == "created_at" else "cont"
        cursor.execute(f"SELECT percentile_{kind}(0.5) WITHIN GROUP (ORDER BY {name}) FROM {OURS}")
        value = cursor.fetchone()[0]
    return [
        "le" if order.startswith("-") else "ge",
        name,
        value.isoformat() if name == "created_at" else str(value),
    ]


# --- publishing under load ----------------------------------------------------------------------------------


def publish(world: dict[str, Any]) -> None:
    """Add a column while four writers insert; prints the worst stall beside an equal time without."""
    first, second = entity_lock(OURS)
    command = [sys.executable, "-m", "bench.reference.records_writer", str(first), str(second), OURS]
    crew = [
        subprocess.Popen([*command, world["owner"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for child in crew:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
    quiet = time.monotonic()
    time.sleep(2.0)
    began = time.monotonic()
    name = f"added_{dt.datetime.now(dt.UTC):%H%M%S}"
    field_add(actor=SYSTEM, entity_key=KEY, spec=FieldSpec(name, "text", name))
    ended = time.monotonic()
    time.sleep(0.3)
    samples = [tuple(sample) for child in crew for sample in json.loads(child.communicate("stop\n")[0])]
    before = max(ms for at, ms in samples if quiet <= at < began)
    during = max(ms for at, ms in samples if began - 0.1 <= at <= ended)
    print(
        f"publish a column under 4 writers: {(ended - began) * 1000:.0f} ms in all, "
        f"worst stall of a writer {during:.1f} ms (without a publication {before:.1f} ms)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("rest", "pages", "publish"))
    given = parser.parse_args()
    world = prepare(given.rows)
    print(
        f"{given.rows:,} rows, 20 fields, {os.cpu_count()} cores, Python {sys.version.split()[0]}", flush=True
    )
    if given.only in (None, "rest"):
        rest(world, given.seconds, given.rounds)
    if given.only in (None, "pages"):
        pages()
    if given.only in (None, "publish"):
        publish(world)


if __name__ == "__main__":
    main()
