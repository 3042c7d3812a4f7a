"""Columns as array texts for `unnest`: thousands of rows in one statement, no Python object for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: Between the texts of one column; `string_to_array(…, chr(31))` takes them apart.
BETWEEN = "\x1f"


def numbers(values: np.ndarray, given: np.ndarray | None = None) -> str:
    """Return whole numbers as an array text; NULL where `given` says no."""
    found = values.astype("i8").tolist()
    if given is None:
        return f"{{{','.join(map(str, found))}}}"
    return (
        f"{{{','.join([str(n) if is_ else 'NULL' for n, is_ in zip(found, given.tolist(), strict=True)])}}}"
    )


def ids(values: Sequence[str | None]) -> str:
    """Return UUIDs as an array text; NULL for an empty one."""
    return f"{{{','.join([value or 'NULL' for value in values])}}}"


def texts(values: Sequence[str]) -> str:
    """Return texts one after the other; a column of one empty text comes back as no text at all."""
    return BETWEEN.join(values)


def millionths(values: np.ndarray) -> np.ndarray:
    """Return quantities as whole millionths, half-even: what leaves the planner (pull.md 16)."""
    return np.rint(values * 1e6).astype("i8")
