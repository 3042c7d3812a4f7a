"""The order of files: whole files to a worker, the longest first, so that none ends alone.

A file is one piece of work because its fixtures are: the plant under `services` starts once a file. Files
that start processes come before those that commit; pure ones come last, as the small change of the balance.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
#: Files of more than fifteen seconds, the longest first.
LONGEST = (
    "browser/test_every_page.py",
    "jit/exchange/test_inbound_real.py",
    "faults/test_supervisor.py",
    "jit/demo/test_simulator.py",
    "unit/algorithms/test_reference.py",
    "unit/algorithms/test_mutants.py",
    "jit/exchange/test_imports.py",
    "browser/test_loop.py",
    "browser/test_elements.py",
    "jit/portal/test_walls.py",
)


def weight(path: Path, fixtures: Iterable[str], *, commits: bool) -> tuple[int, int]:
    """Return where a file belongs: smaller comes earlier.

    Args:
        fixtures: what one of its tests asks for.
        commits: whether that test wants a database of its own.
    """
    name = path.relative_to(TESTS).as_posix() if path.is_relative_to(TESTS) else ""
    if name in LONGEST:
        return 0, LONGEST.index(name)
    asked = set(fixtures)
    if "services" in asked:
        return 1, 0
    if commits or "transactional_db" in asked:
        return 2, 0
    return (3, 0) if "db" in asked else (4, 0)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files into the order of the longest first; tests of a file stay together and in their order."""
    places: dict[Path, tuple[int, int]] = {}
    for item in items:
        marker = item.get_closest_marker("django_db")
        asked = [*getattr(item, "fixturenames", ()), *(["db"] if marker else [])]
        found = weight(item.path, asked, commits=bool(marker and marker.kwargs.get("transaction")))
        places[item.path] = min(found, places.get(item.path, found))
    items.sort(key=lambda item: (places[item.path], str(item.path)))
