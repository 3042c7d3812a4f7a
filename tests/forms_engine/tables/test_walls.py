"""A supplier's login sees and writes his own rows only, whatever the code above forgets."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connections

from forms_engine.base import db
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.tables.protection import Protection, grants, protect, protection_problems
from tests.forms_engine.made_tables import acting, add_melt, make_table, run

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])

PORTAL = "select, insert, update(note)"
LINE = Schema((FieldSpec("code", "text"),))


@pytest.fixture
def two() -> tuple[object, object]:
    """Two suppliers with one melt each."""
    make_table(scope="supplier", portal=PORTAL)
    mine, theirs = new_id(), new_id()
    add_melt("MINE", supplier_id=mine)
    add_melt("THEIRS", supplier_id=theirs)
    return mine, theirs


def test_a_supplier_sees_his_own_rows(two):
    with acting(supplier=two[0]):
        assert run("SELECT code FROM x_melt") == [("MINE",)]
    with acting(supplier=two[1]):
        assert run("SELECT code FROM x_melt") == [("THEIRS",)]
    assert run("SELECT count(*) FROM x_melt") == [(2,)]


def test_without_a_context_the_portal_sees_nothing(two):
    with db.use_alias(db.PORTAL):
        assert run("SELECT * FROM x_melt") == []
        with acting(supplier=two[0]):
            assert len(run("SELECT * FROM x_melt")) == 1
        assert run("SELECT * FROM x_melt") == []  # the setting ended with its transaction


def test_a_supplier_cannot_write_for_another(two):
    with acting(supplier=two[0]):
        assert run("UPDATE x_melt SET note = 'mine' RETURNING code") == [("MINE",)]
    with pytest.raises(DatabaseError, match="row-level security"), acting(supplier=two[0]):
        add_melt("FORGED", supplier_id=two[1])
    with pytest.raises(DatabaseError, match="permission denied"), acting(supplier=two[0]):
        run("UPDATE x_melt SET supplier_id = %s", [two[1]])
    with pytest.raises(DatabaseError, match="permission denied"), acting(supplier=two[0]):
        run("DELETE FROM x_melt")


@pytest.mark.parametrize("escape", ["RESET ROLE", "SET ROLE app_rw", "SET SESSION AUTHORIZATION app_rw"])
def test_injected_sql_cannot_leave_the_portal_login(two, escape):
    with db.use_alias(db.PORTAL), db.atomic():
        try:
            with db.atomic():
                run(escape)
        except DatabaseError:
            pass
        assert run("SELECT session_user::text, current_user::text") == [("app_portal", "app_portal")]
        assert run("SELECT * FROM x_melt") == []


def test_the_proof_fails_when_the_policy_is_dropped(two):
    """Sabotage: the tests above must be able to fail."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE x_melt DISABLE ROW LEVEL SECURITY")
    with acting(supplier=two[0]):
        assert len(run("SELECT * FROM x_melt")) == 2
    assert "x_melt: row-level security is not enabled and forced" in protection_problems()


def test_a_line_cannot_hang_on_another_suppliers_document(two):
    """Foreign keys look past row-level security; the check of the policy does not."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE x_line (id uuid PRIMARY KEY, supplier_id uuid, melt_id uuid)")
        walls = Protection(scope="supplier", portal="select, insert", parents={"melt_id": "x_melt"})
        protect(cursor, "x_line", walls)
    mine, theirs = (run("SELECT id FROM x_melt WHERE code = %s", [code])[0][0] for code in ("MINE", "THEIRS"))
    insert = "INSERT INTO x_line (id, supplier_id, melt_id) VALUES (%s, %s, %s)"
    with acting(supplier=two[0]):
        run(insert, [new_id(), two[0], mine])
    refusals = []
    for melt in (theirs, new_id()):  # somebody else's and nobody's: the same answer
        with pytest.raises(DatabaseError) as refused, acting(supplier=two[0]):
            run(insert, [new_id(), two[0], melt])
        refusals.append(str(refused.value))
    assert refusals[0] == refusals[1] and "row-level security" in refusals[0]
    with pytest.raises(IntegrityError):  # and staff cannot mix two suppliers by mistake
        run(insert, [new_id(), two[0], theirs])


def test_shared_master_data_can_be_shown_by_a_condition():
    make_table(LINE, "x_hall", portal="select", using="code LIKE 'DOCK%%'")
    add_melt("DOCK 1", "x_hall")
    add_melt("SECRET", "x_hall")
    with acting(supplier=new_id()):
        assert run("SELECT code FROM x_hall") == [("DOCK 1",)]


def test_a_table_without_portal_rights_does_not_exist_for_suppliers():
    make_table()
    with pytest.raises(DatabaseError, match="permission denied"), acting(supplier=new_id()):
        run("SELECT * FROM x_melt")


def test_a_table_with_a_supplier_but_no_scope_is_closed_to_suppliers():
    supplier = new_id()
    make_table(Schema((FieldSpec("code", "text"),)), "x_note", portal="select")
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE x_note ADD COLUMN supplier_id uuid")
    assert "x_note: row-level security is not enabled and forced" in protection_problems()
    assert run("SELECT count(*) FROM x_note WHERE supplier_id = %s", [supplier]) == [(0,)]


def test_unique_numbers_of_one_supplier_do_not_reveal_those_of_another(two):
    with acting(supplier=two[0]):
        add_melt("THEIRS", supplier_id=two[0])
    with pytest.raises(IntegrityError), acting(supplier=two[0]):
        add_melt("THEIRS", supplier_id=two[0])


def test_grants_are_read_or_refused():
    assert grants("select, update(a, b)") == ["SELECT", "UPDATE (a, b)"]
    for bad in ("all", "select; drop table x", "update(a b)", "update(A)"):
        with pytest.raises(ValueError, match=r"grants|no table or column"):
            grants(bad)
