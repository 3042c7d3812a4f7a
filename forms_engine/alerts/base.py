"""The contract of an alert type: it looks, and says what is wrong; the rest is the engine's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forms_engine.kernel.registry import Registry
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong now; `key` names the cause: one cause is one alert however often seen."""

    key: str
    title: Text
    link: str = ""
    severity: int = 2
    since: datetime | None = None


class AlertType:
    """Base of every alert type; put one into `<app>/alert_types/<key>.py` with `@register`.

    `find` only reads (a contract test holds it to that) and stays within a few statements.
    """

    key = ""
    label = Text("")
    options = Schema(())

    def find(self, options: Mapping[str, Any], now: datetime) -> Iterable[Violation]:
        """Return everything that is wrong at `now`."""
        raise NotImplementedError(self.key)


alert_types: Registry[AlertType] = Registry("alert type", folder="alert_types")
register = alert_types.register
