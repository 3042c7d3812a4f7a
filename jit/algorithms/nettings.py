"""The nettings of all nodes as records, the labels of each numbered from 0, and a digest of each."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jit.algorithms.compiled import inner, kernel, rows_like
from jit.algorithms.mrp.result import ReqKind

#: One requirement: minute UTC, stock units. `source`: row of the node's labels, which name the demand or work
#: order, the parent item, or the line it feeds.
REQUIREMENT = np.dtype([("at", "<i4"), ("source", "<i4"), ("quantity", "<f8"), ("priority", "<i2")])
#: One supply: the minute it is there, the minute it is meant for. `source`: row of the labels * kinds + kind.
SUPPLY = np.dtype([("at", "<i4"), ("wanted", "<i4"), ("quantity", "<f8"), ("source", "<i4")])
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
    """Records of all nodes one after the other, and where those of each node end.

    `used`: the labels of each node, in the order of their numbers; `digest`: uint64, shape (nodes, 2).
    """

    needs: np.ndarray
    needs_end: np.ndarray
    comes: np.ndarray
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
def _needs(out, room, node, needs, bits, causes, begin, total, row):
    """Write the requirements of a node; returns how many labels and rows there are now."""
    for i in range(needs.first[node], needs.end[node]):
        local, total = _local(out, room, node, begin, total, _cause(causes, needs.kind[i], needs.ref[i]))
        out.needs[row].at = needs.due[i]
        out.needs[row].source = local
        out.needs[row].quantity = needs.qty[i]
        out.needs[row].priority = needs.priority[i]
        _mix(out.digest, node, (np.uint64(needs.due[i]) << HALF) | np.uint64(local))
        _mix(out.digest, node, bits[i])
        _mix(out.digest, node, np.uint64(needs.priority[i]))
        row += 1
    return total, row


@kernel
def _net(held, held_bits, needs, bits, causes, supplies, supply_bits, kinds, letters, ends, room, out):
    begin = 0
    for label in range(len(ends)):
        value = BASIS
        for i in range(begin, ends[label]):
            value = (value ^ np.uint64(letters[i])) * PRIME
        room.hash[label] = value
        begin = ends[label]
    total, row = 0, 0
    for node in range(len(needs.first)):
        begin = total
        _mix(out.digest, node, np.uint64(held.end[node] - held.first[node]))
        total, row = _needs(out, room, node, held, held_bits, causes, begin, total, row)
        total, row = _needs(out, room, node, needs, bits, causes, begin, total, row)
        out.needs_end[node] = row
        _mix(out.digest, node, np.uint64(needs.end[node] - needs.first[node]))
        for i in range(supplies.first[node], supplies.end[node]):
            local, total = _local(out, room, node, begin, total, supplies.word[i])
            source = local * kinds + supplies.kind[i]
            out.comes[i].at = supplies.at[i]
            out.comes[i].wanted = supplies.wanted[i]
            out.comes[i].source = source
            out.comes[i].quantity = supplies.qty[i]
            _mix(out.digest, node, (np.uint64(supplies.at[i]) << HALF) | np.uint64(source))
            _mix(out.digest, node, np.uint64(supplies.wanted[i]))
            _mix(out.digest, node, supply_bits[i])
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
    nodes, rows = len(needs.first), len(held.due) + int((needs.end - needs.first).sum())
    out = Netted(
        rows_like(np.empty(rows, REQUIREMENT)),
        np.zeros(nodes, "i8"),
        rows_like(np.empty(len(supplies.at), SUPPLY)),
        np.empty(rows + len(supplies.at), "i8"),
        np.zeros(nodes, "i8"),
        begin,
    )
    room = Room(np.full(len(texts), -1), np.zeros(len(texts), "i8"), np.zeros(len(texts), "u8"))
    ends = np.cumsum(np.fromiter(map(len, texts), "i8", len(texts)))
    letters = np.frombuffer(bytearray(b"".join(texts)), "u1")
    held_bits, need_bits, supply_bits = (one.qty.view("u8") for one in (held, needs, supplies))
    _net(held, held_bits, needs, need_bits, causes, supplies, supply_bits, kinds, letters, ends, room, out)
    return out._replace(used=out.used[: int(out.used_end[-1]) if nodes else 0])


def _cast(table: Any, kinds: Any) -> Any:
    """Give columns the types that the kernel is compiled for, or it is compiled anew for theirs."""
    return type(table)(*(np.require(column, kind, "CW") for column, kind in zip(table, kinds, strict=True)))
