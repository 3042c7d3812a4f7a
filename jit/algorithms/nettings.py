"""The nettings of all nodes in packed rows, the labels of each numbered from 0, and a digest of each."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jit.algorithms.compiled import inner, kernel
from jit.algorithms.mrp.result import ReqKind
from jit.algorithms.packed_rows import HEADER, MOST, rows_room, rows_write

#: A requirement that a hard reservation settles.
HELD = -1
DEMAND, TRANSFER = int(ReqKind.DEMAND), int(ReqKind.TRANSFER)
#: Odd numbers to mix with; kernels take them as constants.
ONE, TWO, PRIME = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x100000001B3)
HALF, LESS = np.uint64(32), np.uint64(29)
BASIS = np.uint64(0xCBF29CE484222325)


class Needs(NamedTuple):
    """Requirements of each node. `first`, `end`: shape (nodes,); the others one for each row.

    `kind`, `ref`: as `PlanResult.requirements` has them; `kind` HELD: `ref` is the label itself.
    """

    first: np.ndarray
    end: np.ndarray
    due: np.ndarray
    qty: np.ndarray
    priority: np.ndarray
    kind: np.ndarray
    ref: np.ndarray


class Causes(NamedTuple):
    """The label of a requirement: of its demand, or by the node of the order that draws it; int64."""

    demand: np.ndarray
    parent: np.ndarray
    line: np.ndarray
    order_node: np.ndarray


class Supplies(NamedTuple):
    """Supplies of each node, in the order the run offers them; `word`: its label, `kind`: below `kinds`."""

    first: np.ndarray
    end: np.ndarray
    at: np.ndarray
    wanted: np.ndarray
    qty: np.ndarray
    word: np.ndarray
    kind: np.ndarray


class Netted(NamedTuple):
    """Packed rows of all nodes one after the other, words of uint64, and where those of each node end.

    A requirement: the minute it is due, UTC; its label's number in the node (the demand or work order, the
    parent item, or the line it feeds); its priority; stock units. A supply: the minute it is there; its
    label's number * kinds + kind; the minutes from there to when it is meant for; stock units.
    `used`: the labels of each node, in the order of their numbers; `digest`: uint64, shape (nodes, 2).
    """

    needs: np.ndarray
    needs_end: np.ndarray
    comes: np.ndarray
    comes_end: np.ndarray
    used: np.ndarray
    used_end: np.ndarray
    digest: np.ndarray


class Room(NamedTuple):
    """By label: the node that used it last, its number there, and a hash of its text."""

    stamp: np.ndarray
    place: np.ndarray
    hash: np.ndarray


NEEDS = Needs("i8", "i8", "i8", "f8", "i2", "i1", "i4")
SUPPLIES = Supplies("i8", "i8", "i8", "i8", "f8", "i8", "i4")


@inner
def _mix(digest, node, value):
    """Take a value into the digest of a node: two lanes, each one to one in what it held before."""
    a = (digest[node, 0] ^ value) * ONE
    digest[node, 0] = a ^ (a >> HALF)
    b = (digest[node, 1] + value) * TWO
    digest[node, 1] = b ^ (b >> LESS)


@inner
def _local(out, room, node, begin, total, label):
    """Return the number of a label inside its node, and how many labels have been used in all."""
    if room.stamp[label] != node:
        room.stamp[label] = node
        room.place[label] = total - begin
        out.used[total] = label
        total += 1
        _mix(out.digest, node, room.hash[label])
    return room.place[label], total


@inner
def _cause(causes, kind, ref):
    if kind == HELD:
        return np.int64(ref)
    if kind == DEMAND:
        return causes.demand[ref]
    if kind == TRANSFER:
        return causes.line[causes.order_node[ref]]
    return causes.parent[causes.order_node[ref]]


@inner
def _needs(out, room, rows, node, needs, causes, begin, total, count):
    """Take the requirements of a node; returns how many labels and rows there are now."""
    for i in range(needs.first[node], needs.end[node]):
        local, total = _local(out, room, node, begin, total, _cause(causes, needs.kind[i], needs.ref[i]))
        rows.at[count] = needs.due[i]
        rows.source[count] = local
        rows.extra[count] = needs.priority[i]
        rows.quantity[count] = needs.qty[i]
        count += 1
    return total, count


@kernel
def _net(held, needs, causes, supplies, kinds, letters, ends, room, rows, out, needs_bytes, comes_bytes):
    begin = 0
    for label in range(len(ends)):
        value = BASIS
        for i in range(begin, ends[label]):
            value = (value ^ np.uint64(letters[i])) * PRIME
        room.hash[label] = value
        begin = ends[label]
    total, needs_end, comes_end = 0, 0, 0
    for node in range(len(needs.first)):
        begin, needs_begin, comes_begin = total, needs_end, comes_end
        total, count = _needs(out, room, rows, node, held, causes, begin, total, 0)
        total, count = _needs(out, room, rows, node, needs, causes, begin, total, count)
        needs_end = rows_write(out.needs, needs_bytes, needs_begin, rows, count)
        out.needs_end[node] = needs_end
        count = 0
        for i in range(supplies.first[node], supplies.end[node]):
            local, total = _local(out, room, node, begin, total, supplies.word[i])
            rows.at[count] = supplies.at[i]
            rows.source[count] = local * kinds + supplies.kind[i]
            rows.extra[count] = supplies.wanted[i] - supplies.at[i]
            rows.quantity[count] = supplies.qty[i]
            count += 1
        comes_end = rows_write(out.comes, comes_bytes, comes_begin, rows, count)
        out.comes_end[node] = comes_end
        _mix(out.digest, node, np.uint64(held.end[node] - held.first[node]))
        _mix(out.digest, node, np.uint64(needs_end - needs_begin))
        for i in range(needs_begin, needs_end):
            _mix(out.digest, node, out.needs[i])
        for i in range(comes_begin, comes_end):
            _mix(out.digest, node, out.comes[i])
        out.used_end[node] = total


def nettings(
    held: Needs,
    needs: Needs,
    causes: Causes,
    supplies: Supplies,
    kinds: int,
    texts: list[bytes],
    begin: np.ndarray,
) -> Netted:
    """Write the netting of every node: the requirements `held` first, then `needs`, and its supplies.

    Labels are numbered inside each node from 0 in the order they are met.

    Args:
        kinds: how many kinds of supplies there are. texts: the label of each number, UTF-8.
        begin: what each digest begins with, uint64, shape (nodes, 2); overwritten.
    """
    held, needs = (_cast(one, NEEDS) for one in (held, needs))
    supplies = _cast(supplies, SUPPLIES)
    nodes = len(needs.first)
    wanted = (held.end - held.first) + (needs.end - needs.first)
    needs_rows, comes_rows = int(wanted.sum()), len(supplies.at)
    out = Netted(
        np.empty(nodes * HEADER + needs_rows * MOST, "u8"),
        np.zeros(nodes, "i8"),
        np.empty(nodes * HEADER + comes_rows * MOST, "u8"),
        np.zeros(nodes, "i8"),
        np.empty(needs_rows + comes_rows, "i8"),
        np.zeros(nodes, "i8"),
        begin,
    )
    rows = rows_room(int(max(wanted.max(initial=0), (supplies.end - supplies.first).max(initial=0))))
    room = Room(np.full(len(texts), -1), np.zeros(len(texts), "i8"), np.zeros(len(texts), "u8"))
    ends = np.cumsum(np.fromiter(map(len, texts), "i8", len(texts)))
    letters = np.frombuffer(bytearray(b"".join(texts)), "u1")
    as_bytes = out.needs.view("u1"), out.comes.view("u1")
    _net(held, needs, causes, supplies, kinds, letters, ends, room, rows, out, *as_bytes)
    return out._replace(used=out.used[: int(out.used_end[-1]) if nodes else 0])


def _cast(table: Any, kinds: Any) -> Any:
    """Give columns the types that the kernel is compiled for, or it is compiled anew for theirs."""
    return type(table)(*(np.require(column, kind, "CW") for column, kind in zip(table, kinds, strict=True)))
