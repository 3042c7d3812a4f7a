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
#: 沪A·12345, AB-123-CD, 川A D12345: letters of any script and digits, parted at will.
PLATE = re.compile(r"[^\W_](?:[ ·.\-]?[^\W_]){2,14}")
PHONE = re.compile(r"\+?\d(?:[ ()\-]{0,2}\d){4,17}")


def journey_faults(*, plate: str, driver_phone: str, arrives_at: datetime | None) -> list[FieldError]:
    """Return what cannot be meant: an arrival in the past or far away, a plate or number that is none."""
    now, faults = clock.now(), []
    if arrives_at is not None and arrives_at < now - SLACK:
        words = T("The arrival lies in the past.", "预计到达时间已过。")
        faults.append(FieldError("arrives_at", "supply.shipment.arrival_past", words))
    if arrives_at is not None and arrives_at > now + FARTHEST:
        words = T(
            "The arrival is more than %(n)s days ahead.", "预计到达时间超过 %(n)s 天。", n=FARTHEST.days
        )
        faults.append(FieldError("arrives_at", "supply.shipment.arrival_far", words))
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
