"""Where the time of a start goes: a line a phase on stderr, when TAKT_PHASES asks for it (`bench start`)."""

from __future__ import annotations

import os
import sys
import time

VARIABLE = "TAKT_PHASES"
WORD = "phase"
LAST = "announced"


def begin(environment: os._Environ[str] | dict[str, str]) -> None:
    """Note when this command began, once: it becomes another program on its way (the virtual environment)."""
    if environment.get(VARIABLE) == "1":
        environment[VARIABLE] = f"{time.monotonic():.4f}"


def mark(name: str) -> None:
    """Tell that a phase has ended."""
    begun = os.environ.get(VARIABLE)
    if begun:
        print(f"[{WORD}] {time.monotonic() - float(begun):.3f} {name}", file=sys.stderr, flush=True)


def read(text: str) -> dict[str, float]:
    """Return {phase: seconds it took} from what a start has printed, in its order."""
    found: dict[str, float] = {}
    before = 0.0
    for line in text.splitlines():
        parts = line.split(" ", 2)
        if len(parts) == 3 and parts[0] == f"[{WORD}]":
            found[parts[2]] = round(float(parts[1]) - before, 3)
            before = float(parts[1])
    return found
