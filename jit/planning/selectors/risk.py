"""What a board shows, and how near a line is to standing still."""

from __future__ import annotations

from datetime import datetime

from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff, LineCover

#: Call-offs that stand on a board; refused and withdrawn ones do not.
SHOWN = tuple(state for state in CallOff.LIVE if state != CallOff.State.HOLD)


def risk_of(cover: LineCover | None, now: datetime) -> tuple[str, T, int | None]:
    """Return the signal of a line cover: tone, words, minutes left (None = covered)."""
    if cover is None or cover.stock_out_at is None:
        return "ok", T("covered", "已覆盖"), None
    left = max(0, int((cover.stock_out_at - now).total_seconds() // 60))
    tone = "short" if left < 60 else "risk" if left < 240 else "ok"
    words = (
        T("%(h)s h", "%(h)s 小时", h=f"{left / 60:.1f}")
        if left >= 120
        else T("%(m)s min", "%(m)s 分钟", m=left)
    )
    return tone, words, left
