"""A list of rows as a table of columns."""

from __future__ import annotations

from typing import Any

import numpy as np

TEXT = np.dtypes.StringDType()


def table(kind: Any, names: tuple[str, ...], found: list[Any]) -> Any:
    """Build a table of `jit.algorithms.mrp.model` from rows whose values stand in the order of `names`."""
    if not found:
        return kind()
    columns = zip(*found, strict=True)
    return kind(
        **{
            name: np.array(values, TEXT) if name == "key" else np.array(values)
            for name, values in zip(names, columns, strict=True)
        }
    )
