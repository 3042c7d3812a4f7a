"""Chance that does not change: the same document always meets the same fate."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

SEED = "takt-demo"
UNIT = 2**64


def chance(*about: object) -> float:
    """Return a number from 0 to below 1 that belongs to `about`."""
    text = "|".join((SEED, *map(str, about)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / UNIT


def minutes(low: float, high: float, *about: object) -> dt.timedelta:
    """Return a span between two numbers of minutes."""
    return dt.timedelta(minutes=low + (high - low) * chance(*about))


def moment(value: Any) -> dt.datetime | None:
    """Return an API moment."""
    return dt.datetime.fromisoformat(value) if value else None


def number(value: Any) -> Decimal:
    """Return an API number; nothing = 0."""
    return Decimal(str(value or 0))


def plain(value: Decimal) -> str:
    """Return a number as the API takes it, without an exponent."""
    return f"{value.normalize():f}"


def key_of(reference: Any) -> str:
    """Return the id of a reference as lists give it."""
    return str(reference["id"] if isinstance(reference, dict) else reference or "")
