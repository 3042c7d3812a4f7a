"""Posting to hot balances through the real service, beside the same rows in plain SQL in the same run.

`python3 manage.py bench ledger [--writers 8] [--seconds 3] [--turns 3]`. Processes carry goods between
forty balances (ten items at four places). `service` calls `stock_transfer` alone; `inside` calls it in a
transaction that the caller opened, as the door does for pages and the API. Both do all there is to a posting:
sorted locks, balances, moves, the outbox event, the hints to a worker and to open pages. The twin writes
posting, locks, balances and moves by hand into tables of the same shape with the same foreign keys, in the
same lock order, with prepared statements and nothing else. The sides take turns, so that a busy machine slows
all; the goal holds for both of ours at the full number of writers, fewer are shown beside it. At the end the
invariants of the ledger are asked over all rows.

Seen on 2 shared cores: docs/decisions/0006-ledger-in-the-database.md.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import django

django.setup()

import psycopg  # noqa: E402
from django.db import OperationalError, connections  # noqa: E402

from forms_engine.access.actor import Actor  # noqa: E402
from forms_engine.base import db  # noqa: E402
from forms_engine.kernel.ids import new_id  # noqa: E402
from jit.catalog.models import Item, Location, Plant, Unit  # noqa: E402
from jit.stock.models import Balance, Posting  # noqa: E402
from jit.stock.selectors import ledger_violations  # noqa: E402
from jit.stock.services import StockShort, stock_count, stock_transfer  # noqa: E402

SYSTEM = Actor.system("bench")
ITEMS, PLACES = 10, 4
OPENING = Decimal(60)  # low enough that some transfers find too little
DEADLOCK = "40P01"
GOAL = 0.5
WARM = 30
START_SECONDS = 300  # a process starts in two seconds of CPU, which may be long on a busy machine
REST_SECONDS = 0.3
TWIN = "bare SQL"
TABLES = ("stock_posting", "stock_balance", "stock_stockmove")
Pick = tuple[UUID, UUID, UUID, Decimal]
World = tuple[list[UUID], list[UUID]]


def prepare() -> World:
    """Make items and places of this run with opening stock, and twin tables that hold the same."""
    mark = new_id().hex[-8:]
    unit, _ = Unit.objects.get_or_create(code="BENCH")
    plant, _ = Plant.objects.get_or_create(code="BENCH", defaults={"name": "bench"})
    items = [Item.objects.create(code=f"L{mark}-{n}", name="bench", unit=unit) for n in range(ITEMS)]
    places = [
        Location.objects.create(code=f"L{mark}-{n}", name="bench", kind="STORE", plant=plant)
        for n in range(PLACES)
    ]
    for item in items:
        for place in places:
            stock_count(actor=SYSTEM, item=item, location=place, counted=OPENING, kind=Posting.Kind.OPENING)
    with connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS bench_{table} CASCADE")
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE ON bench_{table} TO app_rw")
        for table in TABLES:  # LIKE copies checks and indexes, but no foreign keys
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE conrelid = %s::regclass AND contype = 'f'",
                [table],
            )
            for (definition,) in cursor.fetchall():
                own = definition.replace("stock_posting(", "bench_stock_posting(")
                cursor.execute(f"ALTER TABLE bench_{table} ADD {own}")
        cursor.execute(
            "INSERT INTO bench_stock_balance SELECT * FROM stock_balance WHERE location_id = ANY(%s)",
            [[place.pk for place in places]],
        )
        cursor.execute("VACUUM ANALYZE stock_balance")
    return [item.pk for item in items], [place.pk for place in places]


def picks(items: list[UUID], places: list[UUID], seed: int) -> Callable[[], Pick]:
    """Return a maker of random transfers: item, from, to, quantity."""
    chance = random.Random(seed)

    def pick() -> Pick:
        source, target = chance.sample(places, 2)
        return chance.choice(items), source, target, Decimal(chance.randint(1, 9))

    return pick


class Service:
    """One writer of ours: the posting service on its own connection, alone or inside a transaction."""

    def __init__(self, items: list[UUID], places: list[UUID], inside: bool = False) -> None:
        self._around = db.atomic if inside else contextlib.nullcontext
        self._items = {row.pk: row for row in Item.objects.filter(pk__in=items)}
        self._places = {row.pk: row for row in Location.objects.filter(pk__in=places)}

    def post(self, pick: Pick) -> str:
        """Post once; returns what became of it."""
        item, source, target, quantity = pick
        try:
            with self._around():
                stock_transfer(
                    actor=SYSTEM,
                    item=self._items[item],
                    from_location=self._places[source],
                    to_location=self._places[target],
                    quantity=quantity,
                    document="BENCH",
                )
        except StockShort:
            return "short"
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                raise
            return "deadlock"
        return "posted"


class Bare:
    """One writer of the twin: the same rows, by hand."""

    def __init__(self, items: list[UUID], places: list[UUID]) -> None:
        django_connection = connections["default"]
        django_connection.ensure_connection()
        info = django_connection.connection.info
        self._connection = psycopg.connect(info.dsn, password=info.password, autocommit=False)
        self._connection.prepare_threshold = 1

    def post(self, pick: Pick) -> str:
        """Post once; returns what became of it."""
        item, source, target, quantity = pick
        try:
            return self._written(new_id(), item, source, target, quantity)
        except psycopg.errors.DeadlockDetected:
            self._connection.rollback()
            return "deadlock"

    def _written(self, posting: UUID, item: UUID, source: UUID, target: UUID, quantity: Decimal) -> str:
        run = self._connection.execute
        run(
            "INSERT INTO bench_stock_posting "
            "(id, kind, occurred_at, recorded_at, document, reason, actor_name) "
            "VALUES (%s, 'TRANSFER', now(), now(), 'BENCH', '', 'bench')",
            [posting],
        )
        held = dict(
            run(
                "SELECT location_id, quantity - reserved FROM bench_stock_balance "
                "WHERE item_id = %s AND location_id IN (%s, %s) AND lot_id IS NULL AND owner_id IS NULL "
                "ORDER BY item_id, location_id FOR UPDATE",
                [item, source, target],
            ).fetchall()
        )
        if held[source] < quantity:
            self._connection.rollback()
            return "short"
        run(
            "UPDATE bench_stock_balance SET updated_at = now(), "
            "quantity = quantity + CASE location_id WHEN %s THEN -%s::numeric ELSE %s::numeric END "
            "WHERE item_id = %s AND location_id IN (%s, %s) AND lot_id IS NULL AND owner_id IS NULL",
            [source, quantity, quantity, item, source, target],
        )
        run(
            "INSERT INTO bench_stock_stockmove (posting_id, line_no, item_id, location_id, quantity) "
            "VALUES (%s, 1, %s, %s, -%s::numeric), (%s, 2, %s, %s, %s)",
            [posting, item, source, quantity, posting, item, target, quantity],
        )
        self._connection.commit()
        return "posted"


SIDES: dict[str, Callable[[list[UUID], list[UUID]], Service | Bare]] = {
    "service": Service,
    "inside": partial(Service, inside=True),
    TWIN: Bare,
}


def write(number: int, world: World, orders: Any, ready: Any, out: Any) -> None:
    """One process: post for the side and the time of each order, tell what became of it; None ends it."""
    writers = {name: side(*world) for name, side in SIDES.items()}
    pick = picks(*world, number)
    for writer in writers.values():
        for _ in range(WARM):  # caches, prepared statements and the first connection to Valkey
            writer.post(pick())
    ready.wait()
    for name, seconds in iter(orders.get, None):
        counts: Counter[str] = Counter()
        writer = writers[name]
        spent = time.process_time()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            counts[writer.post(pick())] += 1
        counts["cpu_us"] = int((time.process_time() - spent) * 1_000_000)
        out.put(counts)


class Crew:
    """The writers, started once; each can play any side, and some rest while fewer are wanted."""

    def __init__(self, world: World, writers: int) -> None:
        # Spawned, not forked: sockets to PostgreSQL and Valkey must not be shared.
        context = multiprocessing.get_context("spawn")
        ready, self._out = context.Barrier(writers + 1), context.Queue()
        self._orders = [context.Queue() for _ in range(writers)]
        self._children = [
            context.Process(target=write, args=(number, world, orders, ready, self._out), daemon=True)
            for number, orders in enumerate(self._orders)
        ]
        for child in self._children:
            child.start()
        ready.wait(timeout=START_SECONDS)

    def turn(self, name: str, writers: int, seconds: float) -> Counter[str]:
        """Let so many writers post for one side; returns their counts together, with the server's CPU."""
        time.sleep(REST_SECONDS)  # hints of the side before are still being sent
        before = server_cpu()
        for orders in self._orders[:writers]:
            orders.put((name, seconds))
        total: Counter[str] = Counter()
        for _ in range(writers):
            total += self._out.get(timeout=seconds + 60)
        total["cpu_us"] += int((server_cpu() - before) * 1_000_000)
        return total

    def end(self) -> None:
        """Send all home."""
        for orders in self._orders:
            orders.put(None)
        for child in self._children:
            child.join(30)


def server_cpu() -> float:
    """Return the CPU seconds all living PostgreSQL processes have spent."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    parent = _stat(backend)[1]
    total = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                numbers = _stat(int(folder.name))
                total += numbers[11] + numbers[12] if numbers[1] == parent else 0
    return total / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[int]:
    """Return the numbers of /proc/PID/stat behind the name; [1] the parent, [11] and [12] user and system."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [0, *(int(part) for part in parts[1:])]  # the state is a letter


def twin_differences() -> int:
    """Return how many twin balances are not the opening plus their moves: the twin must be right as well."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bench_stock_balance b WHERE b.quantity <> %s + coalesce(("
            "SELECT sum(m.quantity) FROM bench_stock_stockmove m "
            "WHERE m.item_id = b.item_id AND m.location_id = b.location_id), 0)",
            [OPENING],
        )
        return int(cursor.fetchone()[0])


def contest(crew: Crew, writers: int, turns: int, seconds: float) -> tuple[dict[str, float], Counter[str]]:
    """Let the sides take turns; prints a line each, returns the ratio of ours to the twin and our counts."""
    rates: dict[str, list[float]] = {name: [] for name in SIDES}
    counts: dict[str, Counter[str]] = {name: Counter() for name in SIDES}
    for _ in range(turns):
        for name in SIDES:
            found = crew.turn(name, writers, seconds)
            counts[name] += found
            rates[name].append((found["posted"] + found["short"]) / seconds)
    ratios = {
        name: statistics.median(ours / bare for ours, bare in zip(values, rates[TWIN], strict=True))
        for name, values in rates.items()
    }
    for name, c in counts.items():
        print(
            f"{writers:7}  {name:9} {statistics.median(rates[name]):8.0f} postings/s  "
            f"ratio {ratios[name]:5.2f}   "
            f"posted {c['posted']}, short {c['short']}, deadlocks {c['deadlock']}   "
            f"{c['cpu_us'] / (c['posted'] + c['short']):.0f} us CPU writer + PG each"
        )
    return ratios, counts["service"] + counts["inside"]


def main(argv: list[str]) -> int:
    """Run the sides in turns and print rates; 1 when the ledger is wrong or the goal is missed."""
    parser = argparse.ArgumentParser(prog="bench ledger")
    parser.add_argument("--seconds", type=float, default=3, help="of one turn of one side")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--turns", type=int, default=3, help="with all writers; fewer writers have one")
    given = parser.parse_args(argv)
    world = prepare()
    crew = Crew(world, given.writers)
    print(f"{ITEMS * PLACES} hot balances, turns of {given.seconds:.1f} s\nwriters")
    for writers in (number for number in (1, 2, 4) if number < given.writers):
        contest(crew, writers, 1, given.seconds)
    ratios, ours = contest(crew, given.writers, given.turns, given.seconds)
    crew.end()
    wrong = ledger_violations()
    low = Balance.objects.filter(location_id__in=world[1], quantity__lt=0).count()
    print(
        f"ledger violations: {wrong or 0}, balances below zero: {low}, twin differences: {twin_differences()}"
    )
    print(f"goal: at least {GOAL} at {given.writers} writers")
    return 1 if wrong or low or ours["deadlock"] or min(ratios.values()) < GOAL else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
