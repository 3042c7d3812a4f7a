"""The one way we compile: numba, single thread, no fast-math, cached on disk, loaded when first called.

numba's own cache looks only at the file of the function itself: a changed callee in another file leaves a
stale caller behind. So the cache folder is named by a hash of all kernel files.

numba costs 70 MB and a second to import, and every process of the stack imports the kernels while only those
that plan ever call one. So a decorated function stays plain until a kernel is called from Python
(`docs/decisions/0010-pull-run.md`).
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

#: Files whose constants are compiled into the kernels.
CONSTANTS = ("compiled.py", "shapes.py", "table.py")
#: numba's own switch: everything is run by Python, for looking inside.
UNCOMPILED = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")

ALWAYS = {"cache": True, "fastmath": False, "error_model": "numpy", "nogil": True}
#: No reference counts: such a function must not create an array; its tables are held by its caller.
BARE = {**ALWAYS, "_nrt": False}
#: No entry from Python.
INSIDE = {**BARE, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


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


@functools.cache
def compiler() -> Any:
    """Import numba, once, with our cache folder."""
    numba = importlib.import_module("numba")
    if not os.environ.get("NUMBA_CACHE_DIR"):
        numba.config.CACHE_DIR = _cache_folder()
    return numba


def compiler_is_loaded() -> bool:
    """Tell whether a call of a kernel is cheap in this process."""
    return "numba" in sys.modules


class Compiled:
    """A function that numba compiles on its first call; errors follow numpy (no exception on division by
    zero).

    A function without a Python entry is run by Python itself when it is called from there.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self.py_func, self._options = function, options
        self._inside = UNCOMPILED or "no_cpython_wrapper" in options

    @functools.cached_property
    def dispatcher(self) -> Any:
        """The function as numba knows it."""
        return compiler().njit(**self._options)(self.py_func)

    @property
    def _numba_type_(self) -> Any:
        """What a kernel sees that calls this function."""
        return self.dispatcher._numba_type_

    def __call__(self, *args: Any) -> Any:
        return self.py_func(*args) if self._inside else self.dispatcher(*args)


def compiled(function: Callable[..., Any]) -> Compiled:
    """Compile a kernel that may create arrays."""
    return Compiled(function, ALWAYS)


def kernel(function: Callable[..., Any]) -> Compiled:
    """Compile a kernel that allocates nothing: without reference counts it runs and compiles many times
    faster.

    Counting references to every table handed to every small function was most of the run (500 of 600 ns per
    requirement).
    """
    return Compiled(function, BARE)


def inner(function: Callable[..., Any]) -> Compiled:
    """Compile a function that only kernels call: allocates nothing, and has no Python entry."""
    return Compiled(function, INSIDE)


def hot(function: Callable[..., Any]) -> Compiled:
    """Compile an `inner` function into its callers, always.

    A call that is not inlined copies every field of every table of its arguments (2 kB for a whole plant).
    """
    return Compiled(function, {**INSIDE, "forceinline": True})


def rows_like(array: np.ndarray) -> np.ndarray:
    """Return a table of rows as the kernels read it: run by Python, `rows[i].name` needs a recarray."""
    return array.view(np.recarray) if UNCOMPILED else array
