"""One writer of the publication benchmark: inserts as the door does until told to stop on standard input."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import uuid

import psycopg


def main(first: int, second: int, table: str, supplier: str) -> None:
    """Insert (shared lock, row, commit) every two milliseconds; print [[when, milliseconds], …] then."""
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    insert = f"INSERT INTO {table} (id, supplier_id, text1) VALUES (%s, %s, 'x')"
    samples = []
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        print("ready", flush=True)
        while not stop.is_set():
            started = time.monotonic()
            connection.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [first, second])
            connection.execute(insert, [uuid.uuid4(), supplier])
            connection.commit()
            samples.append((started, (time.monotonic() - started) * 1000))
            time.sleep(0.002)
    print(json.dumps(samples))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
