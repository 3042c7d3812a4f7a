"""The order of the files of tests: nothing named that is not there, heavy before light, files whole."""

from __future__ import annotations

from itertools import groupby
from types import SimpleNamespace

from tests import balance


def item(name, *fixtures, **marks):
    """A test as the collection sees it."""
    marker = SimpleNamespace(kwargs=marks) if marks else None
    return SimpleNamespace(
        path=balance.TESTS / name,
        fixturenames=fixtures,
        get_closest_marker=lambda wanted: marker if wanted == "django_db" else None,
    )


def test_every_file_named_long_exists_and_once():
    assert [name for name in balance.LONGEST if not (balance.TESTS / name).is_file()] == []
    assert len(set(balance.LONGEST)) == len(balance.LONGEST)


def test_long_files_come_first_then_what_starts_processes_commits_reads_and_is_pure():
    items = [
        item("unit/a.py"),
        item("jit/b.py", "db"),
        item("jit/c.py", transaction=True),
        item("unit/a.py"),
        item("browser/d.py", "services"),
        item(balance.LONGEST[1]),
        item("jit/b.py"),
        item(balance.LONGEST[0]),
        item("jit/e.py", "transactional_db"),
    ]
    balance.pytest_collection_modifyitems(items)
    order = [one.path.relative_to(balance.TESTS).as_posix() for one in items]
    assert [name for name, _ in groupby(order)] == [
        *balance.LONGEST[:2],
        *("browser/d.py", "jit/c.py", "jit/e.py", "jit/b.py", "unit/a.py"),
    ]
