"""Formulas in PostgreSQL give what they give in Python, for every row, empty values included."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from forms_engine.kernel.expressions import Env, NotTranslatable, formula_loose
from forms_engine.kernel.expressions.sql import CASTS
from forms_engine.kernel.expressions.values import FxError, fx_value
from tests.fx_random import MAKE, TYPES, Formulas, small_number

FIELDS = {name: kind for name, kind in TYPES.items() if not kind.startswith("list:")}
NOW = dt.datetime(2026, 11, 24, 17, 30, tzinfo=dt.UTC)
ROWS = 12


def rows(rng):
    make = {**MAKE, "number": small_number, "text": lambda r: MAKE["text"](r) or None}
    return [
        {name: None if rng.random() < 0.2 else make[kind](rng) for name, kind in FIELDS.items()}
        for _ in range(ROWS)
    ]


def resolve(name):
    if name not in FIELDS:
        raise NotTranslatable(name)
    return f'"{name}"', FIELDS[name]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_random_formulas_give_the_same_in_python_and_in_postgresql(seed):
    rng = random.Random(seed)
    grow = Formulas(rng, sql=True, mistakes=0.0)
    table = rows(rng)
    zone = ZoneInfo("Asia/Shanghai")
    env = Env({}, now=NOW, user="李雷", zone=zone)
    compared = refused = 0
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{name}" {CASTS[kind]}' for name, kind in FIELDS.items())
        cursor.execute(f"CREATE TEMP TABLE fx_probe (n int, {columns}) ON COMMIT DROP")
        marks = ", ".join(["%s"] * (len(FIELDS) + 1))
        cursor.executemany(
            f"INSERT INTO fx_probe VALUES ({marks})", [[n, *row.values()] for n, row in enumerate(table)]
        )
        for _ in range(1500):
            source = grow.make(
                rng.choice(["number", "text", "boolean", "boolean", "date"]), rng.randint(1, 4)
            )
            made = formula_loose.__wrapped__(source)
            try:
                fragment = made.sql(resolve, env=env)
                clause, params = made.where(resolve, env=env) if fragment.type == "boolean" else (None, ())
            except NotTranslatable:
                refused += 1
                continue
            expected = [made.evaluate(Env(row, now=NOW, user="李雷", zone=zone)) for row in table]
            if any(isinstance(value, FxError) for value in expected):
                # Only sizes can fail in what is translated; PostgreSQL has no such bound.
                assert {v.code for v in expected if isinstance(v, FxError)} == {"#NUM!"}, source
                continue
            cursor.execute(f"SELECT {fragment.sql} FROM fx_probe ORDER BY n", fragment.params)
            got = [fx_value(row[0]) for row in cursor.fetchall()]
            assert got == expected, (source, fragment.sql, fragment.params)
            compared += 1
            if clause is not None:
                cursor.execute(f"SELECT n FROM fx_probe WHERE {clause} ORDER BY n", params)
                kept = [row[0] for row in cursor.fetchall()]
                assert kept == [n for n, value in enumerate(expected) if value is True], (source, clause)
        cursor.execute("DROP TABLE fx_probe")
    assert compared > 1000, (compared, refused)
