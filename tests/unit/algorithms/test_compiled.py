"""Processes that never plan do without numba, and peg a node all the same."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from jit.algorithms.compiled import compiler
from jit.algorithms.mrp.pegs import Book, book_cast, peg_book

ROOT = Path(__file__).parents[3]


def pegs() -> list[tuple[int, int, int, float]]:
    """Peg 30 needs, some at the same minute, to a lot, two receipts, nine orders and a call."""
    rng = np.random.default_rng(3)
    first, one = np.zeros(1), np.ones(1)
    book = Book(
        100, 900,
        first, one * 30, np.sort(rng.integers(50, 950, 30) // 20 * 20), rng.integers(1, 9, 30),
        rng.integers(0, 3, 30),
        first, one, one * 7, one * 12,
        first, one * 2, np.arange(2), np.array([200, 400]), np.array([150, 400]), np.array([5, 6]),
        first, one * 9, np.arange(110, 920, 90), np.arange(110, 920, 90), rng.integers(1, 15, 9),
        first, one, one * 500, one * 4,
    )  # fmt: skip
    found = peg_book(book_cast(book), np.zeros(1, np.int64))
    columns = (found.req, found.supply, found.ref, found.qty)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_a_small_node_is_pegged_without_numba_and_to_the_same():
    code = (
        "import sys; from tests.unit.algorithms.test_compiled import pegs\n"
        "print(pegs(), 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    compiler()
    assert done.stdout.strip() == f"{pegs()} False"


def test_the_rooms_do_not_import_numba():
    code = (
        "import sys, django; django.setup(); import jit.config.urls, jit.demo.opening, jit.planning.tasks\n"
        "print('numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.returncode) == ("False", 0), done.stderr[-2000:]
