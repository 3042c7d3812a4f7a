"""Every change of a row leaves one trace: who, by which verb, in which request, from what to what."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, connections

from forms_engine.journal.sealing import seal_next, seal_problems
from forms_engine.journal.selectors import history_of
from forms_engine.journal.services import entry_write
from forms_engine.kernel.ids import new_id
from tests.forms_engine.made_tables import acting, add_melt, make_table, run

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])


def test_a_record_tells_its_life_newest_first():
    make_table()
    with acting("王五", request="r-1", action="x.melt.create"):
        melt = add_melt("M1", weight="1.5")
    with acting("李四", request="r-2", action="x.melt.update"):
        run("UPDATE x_melt SET weight = %s, note = 'hot' WHERE id = %s", ["2.25", melt])
        entry_write(actor=None, action="x.melt.update", reason="Scale was wrong")
    with acting("李四"):
        run("DELETE FROM x_melt WHERE id = %s", [melt])
    gone, changed, made = history_of("x_melt", melt)
    assert (made.verb, made.actor_name, made.request_id, made.action) == ("I", "王五", "r-1", "x.melt.create")
    assert made.new["weight"] == Decimal("1.5") and made.new["code"] == "M1"
    assert (changed.verb, changed.actor_name, changed.reason) == ("U", "李四", "Scale was wrong")
    assert changed.old == {"weight": Decimal("1.5"), "note": None}
    assert changed.new == {"weight": Decimal("2.25"), "note": "hot"}
    assert gone.verb == "D" and gone.old["note"] == "hot"


def test_a_bulk_insert_is_journalled_row_by_row():
    make_table()
    run("INSERT INTO x_melt (id, code) SELECT gen_random_uuid(), 'c' || i FROM generate_series(1, 500) i")
    assert run(
        "SELECT count(*), count(DISTINCT record_id) FROM journal_rowchange WHERE entity_table = 'x_melt'"
    ) == [(500, 500)]


def test_an_update_that_changes_nothing_leaves_no_trace():
    make_table()
    melt = add_melt("M1", weight="1")
    run("UPDATE x_melt SET weight = 1, note = NULL WHERE id = %s", [melt])
    assert run("SELECT version FROM x_melt") == [(1,)]
    assert len(history_of("x_melt", melt)) == 1
    run("UPDATE x_melt SET weight = 2 WHERE id = %s", [melt])
    assert run("SELECT version FROM x_melt") == [(2,)]


def test_secrets_never_enter_the_journal():
    make_table(skip=("note",))
    melt = add_melt("M1", note="secret one")
    run("UPDATE x_melt SET note = 'secret two' WHERE id = %s", [melt])
    run("DELETE FROM x_melt")
    changes = history_of("x_melt", melt)
    assert [change.verb for change in changes] == ["D", "I"]
    assert "secret" not in str(changes)


def test_a_supplier_leaves_traces_he_cannot_read():
    supplier = new_id()
    make_table(scope="supplier", portal="select, insert")
    with acting("供应商", supplier=supplier):
        melt = add_melt("M1", supplier_id=supplier)
    assert history_of("x_melt", melt)[0].actor_name == "供应商"
    with pytest.raises(DatabaseError, match="permission denied"), acting("供应商", supplier=supplier):
        run("SELECT * FROM journal_rowchange")
    with pytest.raises(DatabaseError, match="permission denied"), acting("供应商", supplier=supplier):
        run("INSERT INTO journal_rowchange (entity_table, record_id, verb, txid, at) "
            "VALUES ('x', gen_random_uuid(), 'I', 1, now())")  # fmt: skip


@pytest.mark.parametrize("table", ["journal_rowchange", "journal_entry", "journal_seal"])
@pytest.mark.parametrize("login", ["default", "owner"])
def test_the_past_cannot_be_changed(table: str, login: str):
    make_table()
    add_melt("M1")
    entry_write(actor=None, action="x", reason="why")
    seal_next()
    for statement in (f"UPDATE {table} SET at = now()", f"DELETE FROM {table}"):
        with (
            connections[login].cursor() as cursor,
            pytest.raises(DatabaseError, match=r"permission denied|append-only"),
        ):
            cursor.execute(statement)
    with pytest.raises(DatabaseError, match="permission denied"):
        run(f"TRUNCATE {table} CASCADE")


def test_staff_cannot_write_row_changes_by_hand():
    with pytest.raises(DatabaseError, match="permission denied"):
        run("INSERT INTO journal_rowchange (entity_table, record_id, verb, txid, at) "
            "VALUES ('x', gen_random_uuid(), 'I', 1, now())")  # fmt: skip


def test_the_chain_breaks_where_somebody_rewrites_the_past():
    make_table()
    add_melt("M1")
    assert seal_next() > 0
    melt = add_melt("M2", weight="7")
    assert seal_next() == 1
    assert seal_next() == 0 and seal_problems() == []
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE journal_rowchange DISABLE TRIGGER takt_append_only")
        cursor.execute(
            "UPDATE journal_rowchange SET new = jsonb_set(new, '{weight}', '8') WHERE record_id = %s", [melt]
        )
    assert len(seal_problems()) == 1 and "seal 2" in seal_problems()[0]


def test_changes_of_a_running_transaction_are_sealed_later_not_never():
    make_table()
    with acting("A"):
        add_melt("M1")
        with connections["owner"].cursor() as cursor:
            cursor.execute("INSERT INTO x_melt (id, code) VALUES (gen_random_uuid(), 'M2')")
        seal_next()
    while seal_next():
        pass
    assert run("SELECT sum(rows) FROM journal_seal") == run("SELECT count(*) FROM journal_rowchange")
    assert seal_problems() == []
