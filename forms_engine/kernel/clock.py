"""The one clock everything reads: real by default, settable in tests, faster in the demo plant."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

UTC = dt.UTC


@dataclass(frozen=True)
class _Setting:
    """Simulated time = `moment` + (real time − `origin`) × `speed`; speed 0 stands still."""

    moment: dt.datetime
    origin: dt.datetime
    speed: float


_setting: _Setting | None = None


def real_now() -> dt.datetime:
    """Return the wall time of the machine, aware, UTC."""
    return dt.datetime.now(UTC)


def now() -> dt.datetime:
    """Return the current moment, aware, UTC."""
    setting = _setting
    if setting is None:
        return dt.datetime.now(UTC)
    if setting.speed == 0:
        return setting.moment
    return setting.moment + (dt.datetime.now(UTC) - setting.origin) * setting.speed


def speed() -> float:
    """Return how many plant seconds pass in a real one: 1 on the real clock, 0 while it stands still."""
    return _setting.speed if _setting is not None else 1.0


def today(zone: dt.tzinfo | str = UTC) -> dt.date:
    """Return the current calendar day in a zone."""
    return now().astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone).date()


def set(moment: dt.datetime | str | None) -> None:
    """Make the clock stand still at a moment (aware datetime or ISO text with a zone); None = real again.

    Raises: ValueError for a moment without a zone.
    """
    global _setting
    if moment is None:
        _setting = None
        return
    _setting = _Setting(_aware(moment), real_now(), 0)


def run(speed: float, *, moment: dt.datetime | str | None = None, origin: dt.datetime | None = None) -> None:
    """Let the clock run `speed` times as fast, from `moment` (default now).

    Processes that give the same moment and origin (the real time at which the simulation began) agree.
    Raises: ValueError for a speed below zero.
    """
    global _setting
    if speed < 0:
        raise ValueError("a clock does not run backwards")
    start = _aware(moment) if moment is not None else now()
    _setting = _Setting(start, origin or real_now(), speed)


def advance(*, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> dt.datetime:
    """Move a clock that was set forward; returns the new now."""
    global _setting
    step = dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    setting = _setting
    if setting is None:
        raise ValueError("the real clock cannot be moved: set it first")
    _setting = _Setting(setting.moment + step, setting.origin, setting.speed)
    return now()


@contextlib.contextmanager
def freeze(moment: dt.datetime | str | None = None) -> Iterator[dt.datetime]:
    """Hold the clock at a moment (default now) inside a `with` block, then put back what was set before."""
    global _setting
    before = _setting
    set(moment if moment is not None else now())
    try:
        yield now()
    finally:
        _setting = before


def _aware(moment: dt.datetime | str) -> dt.datetime:
    if isinstance(moment, str):
        moment = dt.datetime.fromisoformat(moment)
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)


_plant_zone = ZoneInfo("Asia/Shanghai")


def plant_zone() -> ZoneInfo:
    """Return the zone in which times without a zone are read and days begin."""
    return _plant_zone


def use_plant_zone(name: str) -> None:
    """Set the plant's zone by its IANA name (settings call it once)."""
    global _plant_zone
    _plant_zone = ZoneInfo(name)
