"""Wait for a while, or until the moment a field of the record names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import Effect, Leave, Note, SetTimer
from forms_engine.workflows.engine.node_type import Context, NodeType, register
from forms_engine.workflows.engine.signals import TicketSignal

MAX_MINUTES = 60 * 24 * 366 * 5


@register
class Timer(NodeType):
    key = "timer"
    label = Text("Wait", "等待")
    svg = '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l4 2"/>'
    options = Schema(
        (
            FieldSpec(
                name="minutes",
                type="decimal",
                label=Text("Minutes", "分钟"),
                default=0,
                help=Text("Counted from now, or from the field's moment.", "从现在起，或从字段时刻起计算。"),
            ),
            FieldSpec(
                name="date_field",
                type="text",
                label=Text("From the moment in field", "起算字段"),
                help=Text(
                    "Empty = from now. An empty field = go on at once.", "留空为现在；字段为空则立即继续。"
                ),
            ),
        )
    )
    examples = ({"minutes": 30}, {"date_field": "due", "minutes": -60})

    def waits(self, options: Mapping[str, Any]) -> bool:
        return not options.get("date_field")  # a moment long past does not wait

    def names(self, options: Mapping[str, Any]) -> frozenset[str]:
        return frozenset((str(options["date_field"]),)) if options.get("date_field") else frozenset()

    def problems(self, options: Mapping[str, Any]) -> Iterator[FieldError]:
        minutes = options.get("minutes")
        least = -MAX_MINUTES if options.get("date_field") else 1
        if (
            not isinstance(minutes, int | float | Decimal)
            or isinstance(minutes, bool)
            or not least <= minutes <= MAX_MINUTES
        ):
            yield FieldError(
                "minutes",
                "workflows.timer.minutes",
                Text("Wait at least one minute and at most five years.", "至少等待一分钟，最多五年。"),
            )

    def enter(self, ctx: Context) -> tuple[Effect, ...]:
        origin: dt.datetime | None = ctx.at
        if ctx.option("date_field"):
            origin = _instant(ctx.facts.get(ctx.option("date_field")), ctx.at)
        if origin is None:
            return (Note(verb="no_date"), Leave(port="out"))
        due = origin + dt.timedelta(minutes=float(ctx.option("minutes") or 0))
        return (SetTimer(due=max(due, ctx.at)),)

    def on_signal(self, ctx: Context, signal: TicketSignal) -> tuple[Effect, ...]:
        return (Note(verb="time_came"), Leave(port="out"))


def _instant(value: Any, now: dt.datetime) -> dt.datetime | None:
    """Return the moment a field's value names; a day begins at midnight of the zone `now` is given in."""
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=now.tzinfo)
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time(0), tzinfo=now.tzinfo)
    return None
