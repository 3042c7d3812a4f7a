"""Read a workbook in a child process that has little memory and little time.

A file that eats either kills the child; the parent sees one clear refusal and keeps its own memory, since
rows come through a pipe one batch at a time.
"""

import contextlib
import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import msgspec

from jit.exchange.formats.sheet_xlsx import sheet_heads, workbook_check, workbook_read
from jit.exchange.sheet import Cell, SheetRefused

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 30
WALL_SECONDS = 120
BATCH = 2_000
_LENGTH = struct.Struct(">I")
_ROOT = Path(__file__).resolve().parents[2]


def workbook_rows(data: bytes, sheet: str = "") -> Iterator[list[Cell]]:
    """Yield the rows of one sheet (first visible one unless named), read by a child under limits.

    Raises: SheetRefused with the child's reason, or `too_costly` when it ran out of memory or time.
    """
    for batch in _child(data, "rows", sheet):
        for row in batch:
            yield [_loaded(cell) if type(cell) is list else cell for cell in row]


def workbook_sheets(data: bytes) -> list[str]:
    """Name the visible sheets, read by a child under limits. Raises: SheetRefused."""
    return [name for batch in _child(data, "names", "") for name in batch]


def _child(data: bytes, what: str, sheet: str) -> Iterator[list]:
    """Run this module as a program on a copy of the file; yield what it writes, frame by frame."""
    with tempfile.NamedTemporaryFile(suffix=".sheet") as file:
        file.write(data)
        file.flush()
        command = [sys.executable, "-m", "jit.exchange.sandbox", what, file.name, sheet]
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "0"}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=_ROOT
        ) as process:
            watch = threading.Timer(WALL_SECONDS, process.kill)
            watch.start()
            try:
                yield from _frames(process)
            finally:
                watch.cancel()
                with contextlib.suppress(ProcessLookupError):
                    process.kill()


def _frames(process: subprocess.Popen) -> Iterator[list]:
    decoder = msgspec.msgpack.Decoder()
    while True:
        head = process.stdout.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            # No closing frame: the kernel or a limit ended the child.
            raise SheetRefused("too_costly", seconds=CPU_SECONDS, megabytes=MEMORY_BYTES >> 20)
        body = process.stdout.read(_LENGTH.unpack(head)[0])
        frame = decoder.decode(body)
        if isinstance(frame, dict):
            if frame["code"]:
                raise SheetRefused(frame["code"], **frame["params"])
            return
        yield frame


def _loaded(cell: list) -> Cell:
    kind, text = cell
    if kind == "t":
        return datetime.fromisoformat(text)
    if kind == "d":
        return date.fromisoformat(text)
    if kind == "c":
        return time.fromisoformat(text)
    return timedelta(seconds=text)


def _dumped(cell: Cell) -> object:
    """Make a cell fit for msgpack; times are marked, since msgpack would hand them back as text."""
    if isinstance(cell, datetime):
        return ["t", cell.isoformat()]
    if isinstance(cell, date):
        return ["d", cell.isoformat()]
    if isinstance(cell, time):
        return ["c", cell.isoformat()]
    if isinstance(cell, timedelta):
        return ["s", cell.total_seconds()]
    return cell


def _limits_set() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it only reads
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _frame_write(out, value: object) -> None:
    body = msgspec.msgpack.encode(value)
    out.write(_LENGTH.pack(len(body)))
    out.write(body)


def _serve(what: str, path: str, sheet: str) -> None:
    """Be the child: set the limits, check the file, write its rows, close with how it went."""
    data = Path(path).read_bytes()
    _limits_set()
    out = sys.stdout.buffer
    try:
        workbook_check(data)
        if what == "names":
            _frame_write(out, [head.name for head in sheet_heads(data) if head.is_visible])
        else:
            batch: list[list[object]] = []
            for row in workbook_read(data, sheet):
                batch.append([_dumped(cell) for cell in row])
                if len(batch) == BATCH:
                    _frame_write(out, batch)
                    batch = []
            _frame_write(out, batch)
        _frame_write(out, {"code": "", "params": {}})
    except SheetRefused as refusal:
        _frame_write(out, {"code": refusal.code, "params": refusal.params})
    except MemoryError:
        _frame_write(out, {"code": "too_costly", "params": {"seconds": CPU_SECONDS, "megabytes": 1024}})
    out.flush()


if __name__ == "__main__":
    _serve(*sys.argv[1:4])
