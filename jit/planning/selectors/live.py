"""The wall: what lasts how long, what is called hour by hour, what is late."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import entity
from forms_engine.kernel import clock
from jit.planning.selectors.risk import SHOWN, risk_of
from jit.supply.models import CallOff, LineCover

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Live:
    """The wall: what lasts how long, what is called hour by hour, what is late."""

    lines: list[tuple[str, list[Any]]]
    hours: list[Any]
    late: list[CallOff]
    unanswered: int
    at_dock: int
    as_of: datetime


def board_live(actor: Actor, *, zone: ZoneInfo) -> Live:
    """Return the live board; four statements."""
    now = clock.now()
    lines: dict[str, list[Any]] = defaultdict(list)
    for cover in LineCover.objects.select_related("item__unit", "area").order_by(
        "stock_out_at", "item__code"
    ):
        tone, words, left = risk_of(cover, now)
        lines[cover.area.line or cover.area.code].append(
            {
                "code": cover.item.code,
                "name": cover.item.name,
                "unit": cover.item.unit.code,
                "stock": cover.stock,
                "tone": tone,
                "words": words,
                "left": left,
                "hours": _hours(cover, now),
                "area": cover.area.name,
                "next_at": cover.next_arrival_at,
                "next_quantity": cover.next_arrival_quantity,
                "burn": cover.burn_per_hour,
            }
        )
    seen = policy.visible(actor, entity("supply.calloff")).q()
    coming = list(
        CallOff.objects.filter(
            seen,
            state__in=[s for s in SHOWN if s not in ("DRAFT", "RECEIVED")],
            window_end__lte=now + HOUR * 12,
        )
        .exclude(kind=CallOff.Kind.FORECAST)
        .select_related("supplier")
        .order_by("window_end", "number")[:1000]
    )
    hours: dict[str, list[CallOff]] = defaultdict(list)
    for call in coming:
        if call.window_end >= now:
            hours[call.window_end.astimezone(zone).strftime("%H:%M")].append(call)
    late = [call for call in coming if (call.promised_at or call.window_end) < now]
    return Live(
        sorted(lines.items()),
        [
            {
                "hour": hour,
                "count": len(group),
                "unanswered": sum(1 for call in group if call.state in ("RELEASED", "SENT", "ACKED")),
                "shipped": sum(1 for call in group if call.state in ("SHIPPED", "AT_GATE", "UNLOADED")),
                "calls": group[:12],
            }
            for hour, group in sorted(hours.items(), key=lambda pair: pair[1][0].window_end)
        ],
        late[:50],
        sum(1 for call in coming if call.state in ("RELEASED", "SENT", "ACKED")),
        sum(1 for call in coming if call.state in ("AT_GATE", "UNLOADED")),
        now,
    )


def _hours(cover: LineCover, now: datetime) -> str:
    """Return cover in hours: until it runs out, or stock over burn when nothing is short."""
    if cover.stock_out_at is not None:
        return f"{max(0.0, (cover.stock_out_at - now).total_seconds() / 3600):.1f}"
    return f"{float(cover.stock / cover.burn_per_hour):.1f}" if cover.burn_per_hour > 0 else "–"
