"""No entity table without row version, journal and walls; no supplier_id outside row-level security."""

from __future__ import annotations

import pytest
from django.db import connections

from forms_engine.tables.invariants import entity_tables
from forms_engine.tables.protection import protection_problems


@pytest.mark.django_db
def test_every_entity_table_has_its_walls():
    tables = entity_tables()
    assert len(tables) > 20
    assert protection_problems(tables) == []


@pytest.mark.django_db
def test_every_table_with_a_supplier_forces_row_level_security():
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p') AND EXISTS ("
            "SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND attname = 'supplier_id') "
            "AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_the_logins_of_the_tests_obey_row_level_security():
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'app\\_%%' AND (rolsuper OR rolbypassrls)"
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT session_user::text")
        assert cursor.fetchone() == ("app_rw",)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize(
    ("sabotage", "complaint"),
    [
        ("ALTER TABLE supply_calloff DISABLE TRIGGER takt_journal_change", "takt_journal_change is missing"),
        ("ALTER TABLE supply_calloff DISABLE TRIGGER takt_touch", "takt_touch is missing"),
        ("DROP POLICY takt_supplier ON supply_calloff", "policy takt_supplier is missing"),
        ("ALTER TABLE supply_calloff NO FORCE ROW LEVEL SECURITY", "not enabled and forced"),
        ("CREATE TABLE stray (id uuid PRIMARY KEY, supplier_id uuid)", "stray: was never protected"),
    ],
)
def test_the_check_reports_a_wall_that_was_taken_down(sabotage: str, complaint: str):
    before = protection_problems(entity_tables())
    with connections["owner"].cursor() as cursor:
        cursor.execute(sabotage)
    problems = [problem for problem in protection_problems(entity_tables()) if problem not in before]
    assert len(problems) == 1 and complaint in problems[0]
