"""Chain the row changes by hashes in batches, after their transactions: nobody alters the past unnoticed.

Inside the writing transaction a chain would make all writers wait for each other (it cost half the
throughput). A batch holds all changes of a span of transaction ids that are finished, whether committed
or not, so nothing can be added to it later.
"""

from __future__ import annotations

from typing import Any

from forms_engine.base import db

BATCH_ROWS = 20_000
START = "0" * 64
_SEALING = 7_428_011  # advisory lock: one sealer at a time

_SPAN = """
SELECT max(txid), count(*) FROM (
  SELECT txid FROM journal_rowchange
  WHERE txid > %s AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
  ORDER BY txid LIMIT %s) batch"""

_DIGEST = """
SELECT encode(sha256(convert_to(%s || coalesce(string_agg(one, '' ORDER BY txid, id), ''), 'UTF8')), 'hex'),
  count(*)
FROM (SELECT txid, id, encode(sha256(convert_to(jsonb_build_array(id, entity_table, record_id, verb, old, new,
    actor_id, actor_name, request_id, action, txid, extract(epoch FROM at))::text, 'UTF8')), 'hex') AS one
  FROM journal_rowchange WHERE txid > %s AND txid <= %s) hashed"""


def seal_next() -> int:
    """Seal one more batch; returns its rows, 0 when there is nothing finished to seal."""
    with db.atomic(), db.connection().cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEALING])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("SELECT to_txid, digest FROM journal_seal ORDER BY id DESC LIMIT 1")
        last, previous = cursor.fetchone() or (0, START)
        if _counts_below(cursor, last):
            return 0
        cursor.execute(_SPAN, [last, BATCH_ROWS])
        upto, found = cursor.fetchone()
        if not found:
            return 0
        digest, rows = _digest(cursor, previous, last, upto)
        cursor.execute(
            "INSERT INTO journal_seal (from_txid, to_txid, rows, previous, digest) "
            "VALUES (%s, %s, %s, %s, %s)",
            [last, upto, rows, previous, digest],
        )
        return rows


def seal_problems(*, newest: int | None = None) -> list[str]:
    """Recompute the chain; returns one line per link that does not hold (invariant I13).

    Args:
        newest: look at so many links from the end; None = all.
    """
    problems: list[str] = []
    with db.connection().cursor() as cursor:
        cursor.execute(
            "SELECT id, from_txid, to_txid, rows, previous, digest FROM journal_seal "
            "ORDER BY id DESC LIMIT %s",
            [newest],
        )
        seals = cursor.fetchall()[::-1]
        last, previous = (seals[0][1], seals[0][4]) if newest and seals else (0, START)
        for number, start, upto, rows, before, digest in seals:
            if before != previous or start != last:
                problems.append(f"seal {number}: a link before it is missing")
            actual, count = _digest(cursor, before, start, upto)
            if actual != digest:
                problems.append(
                    f"seal {number}: {rows} changes were sealed, {count} are there, or one differs"
                )
            previous, last = digest, upto
        if _counts_below(cursor, last):
            problems.append(
                f"this cluster counts transactions from below {last}: after a dump was restored, raise it "
                "(pg_resetwal --next-transaction-id), else nothing new is sealed"
            )
    return problems


def _counts_below(cursor: Any, txid: int) -> bool:
    """Tell whether this cluster's transaction ids are behind the chain: its rows came from a dump."""
    cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint <= %s", [txid])
    return bool(cursor.fetchone()[0])


def _digest(cursor: Any, previous: str, start: int, upto: int) -> tuple[str, int]:
    cursor.execute(_DIGEST, [previous, start, upto])
    row = cursor.fetchone()
    return row[0], row[1]
