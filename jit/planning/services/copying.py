"""COPY BINARY, its rows built in numpy: a row costs the planner nothing but its bytes."""

from __future__ import annotations

import numpy as np


def heads(rows: int, columns: int, fields: dict[str, np.ndarray | bytes | None]) -> list[bytes]:
    """Return the leading columns of rows of one shape: every value with its length before it, big-endian.

    Args:
        rows: how many rows. columns: how many columns a whole row has.
        fields: big-endian values of one width, shape (rows,); the same bytes for each row; or None.
    """
    layout: list[tuple[str, str]] = [("columns", ">i2")]
    for name, value in fields.items():
        layout.append((f"{name} length", ">i4"))
        if isinstance(value, bytes):
            layout.append((name, f"V{len(value)}"))
        elif value is not None:
            layout.append((name, value.dtype.str))
    block = np.zeros(rows, np.dtype(layout))
    block["columns"] = columns
    for name, value in fields.items():
        block[f"{name} length"] = -1 if value is None else block.dtype[name].itemsize
        if value is not None:
            block[name] = np.void(value) if isinstance(value, bytes) else value
    packed, width = block.tobytes(), block.dtype.itemsize
    return [packed[at : at + width] for at in range(0, rows * width, width)]
