"""Rows come back from their packed form to the last bit."""

from __future__ import annotations

import importlib

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from jit.algorithms.packed_rows import HEADER, MOST, Room, rows_read, rows_room, rows_write

WORD = st.integers(-(2**31), 2**31 - 1)
QUANTITY = st.one_of(
    st.integers(0, 2**53 + 2).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([-1.0, 0.1, 1e300, 2.0**53 - 1]),
)
ROW = st.tuples(WORD, st.integers(0, 2**31 - 1), WORD, QUANTITY)
#: The same thing again and again, as plans have it: each column needs one byte.
ALIKE = [(29_000_000 + 5 * i, 3, 1, 12.0) for i in range(50)]


def rows_of(given_rows) -> Room:
    rows = rows_room(len(given_rows) + 3)
    for at, row in enumerate(given_rows):
        rows.at[at], rows.source[at], rows.extra[at], rows.quantity[at] = row
    return rows


def written(given_rows, begin: int = 5) -> bytes:
    words = np.full(begin + HEADER + MOST * len(given_rows) + 1, 77, "u8")
    end = rows_write(words, words.view("u1"), begin, rows_of(given_rows), len(given_rows))
    assert (words[:begin] == 77).all()
    return words[begin:end].tobytes()


@given(st.lists(ROW, max_size=30))
@example([(2**31 - 1, 2**31 - 1, 2**31 - 1, 0.5), (-(2**31), 2**31 - 1, -(2**31), 2.0**53 - 1)])
@example([])
def test_every_row_comes_back_to_the_last_bit(given_rows):
    found = rows_read(written(given_rows))
    assert found.at.tolist() == [row[0] for row in given_rows]
    assert found.source.tolist() == [row[1] for row in given_rows]
    assert found.extra.tolist() == [row[2] for row in given_rows]
    # -0.0 is 0.0: no plan tells them apart.
    wanted = np.array([row[3] for row in given_rows], "f8") + 0.0
    assert (found.quantity + 0.0).view("u8").tolist() == wanted.view("u8").tolist()
    assert found.bits.tolist() == found.quantity.view("u8").tolist()


def test_rows_much_alike_take_four_bytes_each():
    assert len(written(ALIKE)) == 8 * HEADER + 4 * len(ALIKE)


def test_nothing_takes_nothing():
    assert written([]) == b""


@given(st.lists(ROW, max_size=30))
def test_the_migration_packs_rows_as_the_planner_does(given_rows):
    migration = importlib.import_module("jit.planning.migrations.0008_fewer_bytes")
    columns = zip(*given_rows, strict=True) if given_rows else ((), (), (), ())
    at, source, extra, quantity = (
        np.array(column, kind) for column, kind in zip(columns, ("i8", "i8", "i8", "f8"), strict=True)
    )
    assert migration.packed(at, source, extra, quantity) == written(given_rows)
