"""Where the real data sets lie; tests that need one skip with a clear message when it is absent."""

import csv
import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("TAKT_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")


def shared_folder(name: str) -> Path:
    """Return `../shared/data/NAME` (or `$TAKT_SHARED_DATA/NAME`), or skip the test."""
    folder = SHARED_DATA / name
    if not folder.is_dir():
        pytest.skip(f"real data {name} is not at {SHARED_DATA}; set TAKT_SHARED_DATA to run this test")
    return folder


def plain_rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Read a CSV file the plainest way, independent of our own codecs."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))
