"""The clock of the demo plant: every process agrees on it, and a restart goes on where it stood.

At speed 1 from the beginning it is the machine's own clock and nothing is set. A plant that once ran faster
is ahead of the machine; it never goes back, so it keeps that lead when it is started again at speed 1.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path

FILE = "clock.json"


@dataclass(frozen=True)
class PlantClock:
    """Plant time = `moment` + (real time - `origin`) * `speed`."""

    moment: dt.datetime
    origin: dt.datetime
    speed: float

    @property
    def is_real(self) -> bool:
        """Tell whether plant time is the machine's."""
        return self.speed == 1 and self.moment == self.origin

    def at(self, real: dt.datetime) -> dt.datetime:
        """Return the plant time of a real moment."""
        return self.moment + (real - self.origin) * self.speed

    def line(self) -> str:
        """Return the value of TAKT_CLOCK, '' for the machine's clock."""
        parts = (self.moment.isoformat(), self.origin.isoformat(), f"{self.speed:g}")
        return "" if self.is_real else "|".join(parts)


def begin(folder: Path, speed: float, real: dt.datetime | None = None) -> PlantClock:
    """Start the clock: at the kept plant time or the real one, whichever is later."""
    real = real or dt.datetime.now(dt.UTC)
    moment = real
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        moment = max(real, dt.datetime.fromisoformat(json.loads((folder / FILE).read_text())["plant_time"]))
    return PlantClock(moment, real, speed)


def keep(folder: Path, clock: PlantClock, real: dt.datetime | None = None) -> None:
    """Note the plant time, whole or not at all: a kill in the middle leaves the former note."""
    if clock.is_real:
        return
    fresh = folder / f"{FILE}.new"
    fresh.write_text(json.dumps({"plant_time": clock.at(real or dt.datetime.now(dt.UTC)).isoformat()}))
    os.replace(fresh, folder / FILE)


def read(line: str) -> PlantClock:
    """Return the clock of a TAKT_CLOCK value. Raises: ValueError."""
    moment, origin, speed = line.split("|")
    return PlantClock(dt.datetime.fromisoformat(moment), dt.datetime.fromisoformat(origin), float(speed))
