"""What a supplier says of a truck: is it plausible."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from forms_engine.kernel import clock
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.text import Text as T

#: A form may lie open for a while before it is sent.
SLACK = timedelta(minutes=15)
FARTHEST = timedelta(days=30)
#: A phone without network may tell of a departure this much later.
LATEST = timedelta(hours=24)
#: 沪A·12345, AB-123-CD, 川A D12345: letters of any script and digits, parted at will.
PLATE = re.compile(r"[^\W_](?:[ ·.\-]?[^\W_]){2,14}")
PHONE = re.compile(r"\+?\d(?:[ ()\-]{0,2}\d){4,17}")


def journey_faults(
    *, plate: str, driver_phone: str, arrives_at: datetime | None, departed_at: datetime | None = None
) -> list[FieldError]:
    """Return what cannot be meant: times that cannot be, a plate or number that is none.

    Args: departed_at: when the truck left, if that is said; then its arrival may lie in the past, too.
    """
    now = clock.now()
    faults = _departure_faults(departed_at, now) + _arrival_faults(arrives_at, departed_at, now)
    if plate.strip() and not PLATE.fullmatch(plate.strip()):
        words = T(
            "This is no number plate: 3 to 15 letters and digits.", "车牌不正确：应为 3–15 个字母或数字。"
        )
        faults.append(FieldError("plate", "supply.shipment.plate", words))
    if driver_phone.strip() and not PHONE.fullmatch(driver_phone.strip()):
        words = T(
            "This is no telephone number: 5 to 18 digits, + in front if need be.",
            "电话号码不正确：应为 5–18 位数字，可带 + 号。",
        )
        faults.append(FieldError("driver_phone", "supply.shipment.phone", words))
    return faults


def _departure_faults(departed_at: datetime | None, now: datetime) -> list[FieldError]:
    if departed_at is not None and departed_at > now + SLACK:
        words = T("The departure lies ahead.", "发车时间不能晚于现在。")
        return [FieldError("departed_at", "supply.shipment.departure_ahead", words)]
    if departed_at is not None and departed_at < now - LATEST:
        words = T(
            "The truck left more than %(n)s hours ago. Please call the plant.",
            "发车已超过 %(n)s 小时，请致电工厂。",
            n=int(LATEST.total_seconds() // 3600),
        )
        return [FieldError("departed_at", "supply.shipment.departure_past", words)]
    return []


def _arrival_faults(
    arrives_at: datetime | None, departed_at: datetime | None, now: datetime
) -> list[FieldError]:
    if arrives_at is None:
        return []
    if departed_at is None and arrives_at < now - SLACK:
        words = T("The arrival lies in the past.", "预计到达时间已过。")
        return [FieldError("arrives_at", "supply.shipment.arrival_past", words)]
    if departed_at is not None and arrives_at < departed_at - SLACK:
        words = T("The arrival lies before the departure.", "预计到达早于发车时间。")
        return [FieldError("arrives_at", "supply.shipment.arrival_before", words)]
    if arrives_at > now + FARTHEST:
        words = T(
            "The arrival is more than %(n)s days ahead.", "预计到达时间超过 %(n)s 天。", n=FARTHEST.days
        )
        return [FieldError("arrives_at", "supply.shipment.arrival_far", words)]
    return []


def is_late_report(departed_at: datetime) -> bool:
    """Return whether a truck left so long ago that the plant hears of it late."""
    return departed_at < clock.now() - SLACK
