"""Progress of work that is one long transaction, seen by others while it runs."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from forms_engine.base.jobs import JobHandle
from forms_engine.kernel.text import Text


@contextlib.contextmanager
def told_outside(handle: JobHandle, step: Text) -> Iterator[Callable[[int, int], None]]:
    """Yield `note(done, total)`, which writes over a connection of its own, outside the caller's transaction.

    `note` raises JobCancelled in the caller as soon as somebody asked to stop, which rolls his work back.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="takt-progress") as teller:

        def note(done: int, total: int) -> None:
            teller.submit(handle.progress, done, total, step).result()

        try:
            yield note
        finally:
            teller.submit(connections.close_all).result()
