"""Rows of (minute, source, extra, quantity) in few bytes, and back again to the last bit.

A plan of 10,000 items has 1.6 million such rows, and what PostgreSQL takes to store them was the longest part
of a run. So each column of a node is kept in as many bytes (0, 1, 2, 4, 8) as its largest value needs, and
minutes as differences from row to row.

Layout, little-endian, filled up with zeros to whole words of eight bytes; no rows are no bytes::

    u4  rows                   u4  quantities that are not whole
    i4  the first minute       u1  how many bytes a value takes, of each of the four columns below
    f8  each quantity that is not whole
    each minute less the one before (zigzag)
    each source * 2 + (1 if the quantity is whole)
    each extra (zigzag)
    each quantity that is whole
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jit.algorithms.compiled import inner

#: Words before the rows of a node, and the most that one row takes.
HEADER, MOST = 2, 4
#: Every whole number below is a float.
WHOLE = 9007199254740992.0
BYTE, EIGHT, HALF = np.uint64(255), np.uint64(8), np.uint64(32)


class Rows(NamedTuple):
    """Columns, shape (rows,): `at`, `source` (0 or more), `extra` int64, each of 32 bits; `quantity` float64.

    `bits`: the quantities again, as uint64.
    """

    at: np.ndarray
    source: np.ndarray
    extra: np.ndarray
    quantity: np.ndarray
    bits: np.ndarray


class Room(NamedTuple):
    """Rows to write, and room for whole quantities."""

    at: np.ndarray
    source: np.ndarray
    extra: np.ndarray
    quantity: np.ndarray
    bits: np.ndarray
    whole: np.ndarray


def rows_room(size: int) -> Room:
    """Return room for so many rows."""
    at, source, extra, whole = np.zeros((4, size), "i8")
    quantity = np.zeros(size)
    return Room(at, source, extra, quantity, quantity.view("u8"), whole)


@inner
def _zigzag(value):
    """Return 0, 1, 2, 3, 4 for 0, -1, 1, -2, 2."""
    return (value << 1) ^ (value >> 63)


@inner
def _width(value):
    """Return how many bytes numbers take whose bits are all among those of `value`."""
    if value == 0:
        return 0
    if value < 1 << 8:
        return 1
    if value < 1 << 16:
        return 2
    return 4 if value < 1 << 32 else 8


@inner
def _fixed(data, place, value, size):
    rest = np.uint64(value)
    for i in range(size):
        data[place + i] = rest & BYTE
        rest >>= EIGHT


@inner
def _column(data, place, values, count, size):
    """Write numbers of `size` bytes; returns the place after them. One loop for each size is what is fast."""
    if size == 1:
        for i in range(count):
            data[place + i] = values[i] & 255
    elif size == 2:
        for i in range(count):
            data[place + 2 * i] = values[i] & 255
            data[place + 2 * i + 1] = (values[i] >> 8) & 255
    elif size > 2:
        for i in range(count):
            _fixed(data, place + size * i, values[i], size)
    return place + size * count


@inner
def rows_write(words, data, begin, rows, count):
    """Write the first `count` rows behind word `begin`; returns the word after them. Spoils the rows.

    Args: words: uint64; data: the same memory as uint8.
    """
    if count == 0:
        return begin
    first, before, wholes, broken = rows.at[0], rows.at[0], 0, 0
    minutes, sources, extras, quantities = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    for i in range(count):
        at, quantity = rows.at[i], rows.quantity[i]
        rows.at[i] = _zigzag(at - before)
        before = at
        rows.extra[i] = _zigzag(rows.extra[i])
        is_whole = 0.0 <= quantity < WHOLE and quantity == np.floor(quantity)
        rows.source[i] = rows.source[i] << 1 | np.int64(is_whole)
        minutes |= rows.at[i]
        sources |= rows.source[i]
        extras |= rows.extra[i]
        # Without a branch: whole and broken quantities come in no order that a processor could guess.
        rows.whole[wholes] = np.int64(quantity if is_whole else 0.0)
        quantities |= rows.whole[wholes]
        wholes += np.int64(is_whole)
        words[begin + HEADER + broken] = rows.bits[i]
        broken += 1 - np.int64(is_whole)
    sizes = (_width(minutes), _width(sources), _width(extras), _width(quantities))
    words[begin] = np.uint64(count) | np.uint64(broken) << HALF
    place = 8 * begin
    _fixed(data, place + 8, first, 4)
    for i in range(4):
        data[place + 12 + i] = sizes[i]
    place += 8 * (HEADER + broken)
    place = _column(data, place, rows.at, count, sizes[0])
    place = _column(data, place, rows.source, count, sizes[1])
    place = _column(data, place, rows.extra, count, sizes[2])
    place = _column(data, place, rows.whole, wholes, sizes[3])
    while place & 7:
        data[place] = 0
        place += 1
    return place >> 3


def rows_read(data: bytes) -> Rows:
    """Unpack; in numpy, because a page that shows one node need not load the compiler."""
    if not data:
        return Rows(*np.zeros((3, 0), "i8"), np.zeros(0), np.zeros(0, "u8"))
    count, broken = np.frombuffer(data, "<u4", 2).tolist()
    first, sizes, place = int(np.frombuffer(data, "<i4", 1, 8)[0]), data[12:16], 8 * (HEADER + broken)
    columns = []
    for size, many in zip(sizes, (count, count, count, count - broken), strict=True):
        column = np.frombuffer(data, f"<u{size}", many, place) if size else np.zeros(many, "u1")
        columns.append(column.astype("i8"))
        place += size * many
    steps, source, extra, whole = columns
    is_whole, quantity = (source & 1).astype(bool), np.empty(count)
    quantity[is_whole] = whole
    quantity[~is_whole] = np.frombuffer(data, "<f8", broken, 8 * HEADER)
    return Rows(
        first + np.cumsum(_unzigzag(steps)), source >> 1, _unzigzag(extra), quantity, quantity.view("u8")
    )


def _unzigzag(values: np.ndarray) -> np.ndarray:
    return (values >> 1) ^ -(values & 1)
