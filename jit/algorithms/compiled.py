"""The one way we compile: numba, single thread, no fast-math, cached on disk.

numba's own cache looks only at the file of the function itself: a changed callee in another file leaves a
stale caller behind. So the cache folder is named by a hash of all kernel files.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np

#: Files whose constants are compiled into the kernels.
CONSTANTS = ("compiled.py", "shapes.py", "table.py")

F = TypeVar("F", bound=Callable[..., Any])


def _cache_folder() -> str:
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(here.rglob("*.py")):
        text = path.read_bytes()
        if b"algorithms.compiled import" in text or path.name in CONSTANTS:
            digest.update(str(path.relative_to(here)).encode() + b"\0" + text)
    for root in (
        here.parents[1] / ".data" / "numba",
        Path(tempfile.gettempdir()) / f"takt-numba-{os.getuid()}",
    ):
        folder = root / digest.hexdigest()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return str(folder)
    return ""


if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = _cache_folder()


def compiled(function: F) -> F:
    """Compile a kernel on its first call; errors follow numpy (no exception on division by zero)."""
    wrapped: F = numba.njit(cache=True, fastmath=False, error_model="numpy", nogil=True)(function)
    return wrapped


def kernel(function: F) -> F:
    """Compile a kernel that allocates nothing: without reference counts it runs and compiles many times
    faster.

    Counting references to every table handed to every small function was most of the run (500 of 600 ns per
    requirement). Such a kernel must not create an array; the tables it is given are held by its caller.
    """
    wrapped: F = numba.njit(cache=True, fastmath=False, error_model="numpy", nogil=True, _nrt=False)(function)
    return wrapped


def inner(function: F) -> F:
    """Compile a function that only kernels call: allocates nothing, and has no Python entry."""
    wrapped: F = numba.njit(
        cache=True,
        fastmath=False,
        error_model="numpy",
        nogil=True,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        _nrt=False,
    )(function)
    return wrapped


def hot(function: F) -> F:
    """Compile an `inner` function into its callers, always.

    A call that is not inlined copies every field of every table of its arguments (2 kB for a whole plant).
    """
    wrapped: F = numba.njit(
        cache=True,
        fastmath=False,
        error_model="numpy",
        nogil=True,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        forceinline=True,
        _nrt=False,
    )(function)
    return wrapped


def rows_like(array: np.ndarray) -> np.ndarray:
    """Return a table of rows as the kernels read it: with NUMBA_DISABLE_JIT, `rows[i].name` needs a
    recarray.
    """
    return array.view(np.recarray) if numba.config.DISABLE_JIT else array
