"""A published schema becomes columns, keys and indexes while others write; no value is lost on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from forms_engine.base import db
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.tables.apply import NotUnique, StillBusy, apply, patiently, risks_count
from forms_engine.tables.models import Quarantine
from forms_engine.tables.plan import plan
from forms_engine.tables.protection import protection_problems
from tests.forms_engine.made_tables import MELT, add_melt, make_table, run

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])

NOTE = FieldSpec("note", "long_text")


def publish(new: Schema, old: Schema = MELT, table: str = "x_melt", **more):
    """Plan and apply as a publish does."""
    return apply(plan(old, new, table, table_of=lambda key: key.replace(".", "_")), **more)


def columns(table: str = "x_melt") -> dict[str, str]:
    rows = run(
        "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [table],
    )
    return dict(rows)


def indexes(table: str = "x_melt") -> set[str]:
    return {row[0] for row in run("SELECT indexname::text FROM pg_indexes WHERE tablename = %s", [table])}


def test_a_created_table_has_columns_indexes_and_walls():
    make_table()
    assert columns() == {
        "id": "uuid",
        "created_at": "timestamp with time zone",
        "updated_at": "timestamp with time zone",
        "version": "integer",
        "archived_at": "timestamp with time zone",
        "code": "text",
        "weight": "numeric(18,6)",
        "note": "text",
    }
    assert indexes() == {"x_melt_pkey", "x_melt_code_uq", "x_melt_newest"}
    assert protection_problems(["x_melt"]) == []
    add_melt("M1")
    with pytest.raises(IntegrityError):
        add_melt("M1")


def test_an_added_field_has_its_default_in_old_rows_and_new():
    make_table()
    add_melt("M1")
    publish(MELT.with_fields(FieldSpec("furnace", "integer", default=7, index=True)))
    add_melt("M2")
    assert run("SELECT furnace FROM x_melt") == [(7,), (7,)]
    assert "x_melt_furnace_ix" in indexes()


def test_a_field_can_be_added_to_a_typed_table():
    publish(Schema((FieldSpec("x_luhao", "text", index=True),)), Schema(()), "stock_lot")
    assert columns("stock_lot")["x_luhao"] == "text"
    assert "stock_lot_x_luhao_ix" in indexes("stock_lot")


def test_a_renamed_field_keeps_its_values():
    make_table()
    add_melt("M1", weight=5)
    publish(Schema((MELT["code"], MELT["weight"].but(name="mass", id="weight"), NOTE)))
    assert run("SELECT mass FROM x_melt") == [(Decimal(5),)]


def test_a_removed_field_comes_back_with_its_values():
    make_table()
    add_melt("M1", note="kept")
    without = Schema((MELT["code"], MELT["weight"]))
    steps = plan(MELT, without, "x_melt")
    assert [(risk[0], risk[1], risk[3]) for risk in risks_count(steps)] == [("hidden_values", "note", 1)]
    apply(steps)
    publish(MELT, without)
    assert run("SELECT note FROM x_melt") == [("kept",)]


def test_a_new_field_of_an_old_name_does_not_inherit_values_of_another_type():
    make_table()
    add_melt("M1", note="text")
    without = Schema((MELT["code"], MELT["weight"]))
    publish(without)
    publish(without.with_fields(FieldSpec("note", "integer", id="other")), without)
    assert run("SELECT note, note__was FROM x_melt") == [(None, "text")]


def test_values_that_cannot_be_converted_go_into_quarantine_and_are_not_lost():
    make_table()
    rows = {"M1": " 1.5 ", "M2": "hot", "M3": "1e3", "M4": "", "M5": None, "M6": "1.23456789"}
    ids = {code: add_melt(code, note=note) for code, note in rows.items()}
    new = Schema((MELT["code"], MELT["weight"], NOTE.but(type="quantity", name="temperature", id="note")))
    steps = plan(MELT, new, "x_melt")
    assert [(risk[0], risk[3]) for risk in risks_count(steps)] == [("unconvertible", 3)]
    done = apply(steps)
    assert done.quarantined == {"temperature": 3}
    found = dict(run("SELECT code, temperature FROM x_melt"))
    assert found == {
        "M1": Decimal("1.5"),
        "M2": None,
        "M3": Decimal(1000),
        "M4": None,
        "M5": None,
        "M6": None,
    }
    kept = dict(Quarantine.objects.values_list("record_id", "value"))
    assert kept == {ids["M2"]: "hot", ids["M4"]: "", ids["M6"]: "1.23456789"}
    assert run("SELECT max(version) FROM x_melt") == [(1,)]  # nobody edited anything
    assert run("SELECT DISTINCT verb::text FROM journal_rowchange WHERE entity_table = 'x_melt'") == [("I",)]
    assert run("SELECT note__was_text FROM x_melt WHERE code = 'M2'") == [("hot",)]


@pytest.mark.parametrize(
    ("old", "new", "value", "becomes"),
    [
        ("decimal", "integer", "4", 4),
        ("decimal", "integer", "4.5", None),
        ("integer", "decimal", 4, Decimal(4)),
        ("integer", "text", 4, "4"),
        ("decimal", "text", "1.50", "1.5"),
        ("text", "integer", "12", 12),
        ("text", "date", "2026-11-22", "2026-11-22"),
        ("text", "boolean", "true", True),
        ("datetime", "date", "2026-11-22T17:00:00Z", "2026-11-23"),  # already tomorrow in Shanghai
        ("date", "datetime", "2026-11-22", "2026-11-21 16:00:00+00:00"),
        ("boolean", "text", True, "true"),
    ],
)
def test_a_conversion_is_exact_or_nothing(old, new, value, becomes):
    first, second = Schema((FieldSpec("v", old),)), Schema((FieldSpec("v", new),))
    make_table(first)
    run("INSERT INTO x_melt (id, v) VALUES (%s, %s)", [new_id(), value])
    publish(second, first)
    found = run("SELECT v FROM x_melt")[0][0]
    assert (found if isinstance(found, bool | int | Decimal | type(None)) else str(found)) == becomes


def test_writers_during_a_type_change_lose_nothing():
    make_table()
    run(
        "INSERT INTO x_melt (id, code, note) "
        "SELECT gen_random_uuid(), 'a' || i, i::text FROM generate_series(1, 20000) i"
    )
    stop, written = threading.Event(), []

    def write() -> None:
        try:
            while not stop.is_set():
                number = len(written)
                # A writer of the old schema: it may fail only once the new one is published.
                try:
                    run("INSERT INTO x_melt (id, code, note) VALUES (%s, %s, %s)",
                        [new_id(), f"b{number}", str(number)])  # fmt: skip
                except DatabaseError:
                    return
                written.append(number)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    publish(Schema((MELT["code"], MELT["weight"], NOTE.but(type="integer"))))
    stop.set()
    writer.join(20)
    assert len(written) > 10
    assert run("SELECT count(*) FROM x_melt WHERE note IS NULL") == [(0,)]
    assert run("SELECT count(*), max(note) FROM x_melt WHERE code LIKE 'b%%'")[0][0] == len(written)


def test_a_unique_field_that_is_not_is_refused_and_leaves_no_broken_index():
    make_table()
    add_melt("M1", note="same")
    add_melt("M2", note="same")
    new = Schema((MELT["code"], MELT["weight"], NOTE.but(unique=True)))
    steps = plan(MELT, new, "x_melt")
    assert [(risk[0], risk[3]) for risk in risks_count(steps)] == [("duplicates", 2)]
    with pytest.raises(NotUnique):
        apply(steps)
    assert "x_melt_note_uq" not in indexes()


def test_a_reference_is_refused_at_once_and_found_by_the_catalogue():
    make_table()
    reference = FieldSpec("melt", "reference", options={"target": "x.melt"})
    apply(plan(None, Schema((reference,)), "x_cast", table_of=lambda key: key.replace(".", "_")))
    melt = add_melt("M1")
    run("INSERT INTO x_cast (id, melt_id) VALUES (%s, %s)", [new_id(), melt])
    with pytest.raises(IntegrityError), transaction.atomic():
        run("INSERT INTO x_cast (id, melt_id) VALUES (%s, %s)", [new_id(), new_id()])
    with pytest.raises(IntegrityError), transaction.atomic():
        run("DELETE FROM x_melt")


def test_the_version_rows_and_the_columns_are_one_commit():
    make_table()

    def fail(cursor) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish(MELT.with_fields(FieldSpec("furnace", "integer")), on_publish=fail)
    assert "furnace" not in columns()


def test_applying_twice_changes_nothing():
    make_table()
    new = MELT.with_fields(FieldSpec("furnace", "integer", index=True))
    publish(new)
    before = columns(), indexes()
    publish(new)
    assert (columns(), indexes()) == before
    assert plan(new, new, "x_melt").is_empty


def while_reading(seconds: float, work: Callable[[], None]) -> None:
    """Hold a read transaction on the table for a while, in a thread, and work beside it."""
    reading = threading.Event()

    def read() -> None:
        try:
            with transaction.atomic():
                run("SELECT count(*) FROM x_melt")
                reading.set()
                time.sleep(seconds)
        finally:
            connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait(5)
    work()
    reader.join()


def test_a_long_reader_delays_the_publish_and_not_the_writers():
    make_table()
    stalls: list[float] = []
    stop = threading.Event()

    def write() -> None:
        try:
            while not stop.is_set():
                start = time.perf_counter()
                add_melt(str(new_id()))
                stalls.append(time.perf_counter() - start)
        finally:
            connections.close_all()

    def work() -> None:
        writer = threading.Thread(target=write)
        writer.start()
        done = publish(Schema((*MELT, FieldSpec("furnace", "integer"))))
        stop.set()
        writer.join(10)
        assert done.tries > 1

    while_reading(0.8, work)
    assert "furnace" in columns()
    # Without the short lock timeout a writer would have waited the whole 0.8 s behind the DDL.
    assert max(stalls) < 0.5


def test_a_table_that_is_never_free_ends_with_words():
    make_table()
    step = plan(MELT, MELT.with_fields(FieldSpec("furnace", "integer")), "x_melt").steps[0]

    def work() -> None:
        def once() -> None:
            with transaction.atomic(using=db.OWNER), connections[db.OWNER].cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '50ms'")
                cursor.execute(step.sql)

        with pytest.raises(StillBusy):
            patiently(once, seconds=0.2)

    while_reading(0.8, work)
    assert "furnace" not in columns()


def test_a_publish_inside_a_transaction_is_refused():
    make_table()
    with transaction.atomic(using=db.OWNER), pytest.raises(RuntimeError):
        publish(MELT.with_fields(FieldSpec("furnace", "integer")))


@pytest.mark.parametrize("name", ["x; drop table y", 'a"b', "Ä", "a" * 64, ""])
def test_a_name_that_is_no_name_never_reaches_the_database(name):
    with pytest.raises(ValueError, match="name"):
        plan(None, Schema((FieldSpec("code", "text"),)), name)
