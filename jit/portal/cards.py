"""What a supplier reads of a call-off: its words, its sign, its change, what may be answered."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T

TO_ANSWER = ("RELEASED", "SENT", "ACKED")
TO_SHIP = ("CONFIRMED", "PARTIAL", "PREP")
ANSWERED = (*TO_SHIP, "PACKED", "DECLINED", "HOLD")
GONE = ("SHIPPED", "AT_GATE", "UNLOADED", "RECEIVED", "CLOSED", "SHORT_CLOSED")
WAITING = T("To answer", "待回复")
TONES = {
    "CONFIRMED": "ok",
    "PARTIAL": "risk",
    "PREP": "ok",
    "PACKED": "ok",
    "DECLINED": "short",
    "CANCELLED": "frozen",
    "HOLD": "frozen",
    "SHORT_CLOSED": "short",
}
FIELDS = (
    *("id", "number", "revision", "kind", "state", "window_start", "window_end", "quantity"),
    *("previous_quantity", "pack_quantity", "confirmed_quantity", "promised_at", "packed_quantity"),
    *("received_quantity", "reason", "acked_at", "replied_at", "released_at"),
    *("item_code", "item_name", "unit_code", "dock", "dock_name", "area_name", "supplier_part"),
)
#: One tap says why; free words are there, too. Stored in the reader's language, as typed words would be.
REASONS_LESS = (T("Not enough stock", "库存不足"), T("Machine down", "设备故障"), T("Quality", "质量问题"))
REASONS_NO = (T("No material", "缺原料"), T("Machine down", "设备故障"), T("Capacity full", "产能已满"))
DELAYS = (30, 60, 120)
RUN_NUMBER = re.compile(r"RUN\d+")


@dataclass
class Card:
    """One call-off as it stands on the phone. `verb` = its open form, `errors` = what was refused."""

    row: Mapping[str, Any]
    state_word: str = ""
    verb: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)
    typed: Mapping[str, Any] = field(default_factory=dict)
    done: str = ""
    key: str = field(default_factory=lambda: str(new_id()))

    @property
    def id(self) -> uuid.UUID:
        return self.row["id"]

    @property
    def may_answer(self) -> bool:
        """True while yes, less, later or no is awaited."""
        return self.row["state"] in TO_ANSWER

    @property
    def is_new(self) -> bool:
        """True until the supplier has seen this version."""
        return self.row["state"] in ("RELEASED", "SENT")

    @property
    def wants_acknowledgement(self) -> bool:
        """True for a withdrawn call-off nobody here has taken note of."""
        return self.row["state"] == "CANCELLED" and self.row["acked_at"] is None

    @property
    def is_changed(self) -> bool:
        """True while a changed quantity waits for an answer."""
        return self.row["previous_quantity"] is not None and (
            self.may_answer or self.row["state"] == "CANCELLED"
        )

    @property
    def delta(self) -> str:
        """The signed difference to the version before: +50, −50."""
        difference = self.row["quantity"] - (self.row["previous_quantity"] or Decimal(0))
        return f"{'+' if difference > 0 else chr(0x2212)}{plain(abs(difference))}"

    @property
    def shown_quantity(self) -> Decimal:
        """How much is asked for; of a withdrawn call-off how much was, to strike it through."""
        gone = self.row["state"] == "CANCELLED" and not self.row["quantity"]
        return (self.row["previous_quantity"] or Decimal(0)) if gone else self.row["quantity"]

    @property
    def reason(self) -> str:
        """Why it is as it is, in words; the number of the run that changed it tells a supplier nothing."""
        return "" if RUN_NUMBER.fullmatch(self.row["reason"]) else self.row["reason"]

    @property
    def window(self) -> str:
        """The window on the plant's clock: 09:00–10:00; with its day where it begins on another one."""
        start, end = local(self.row["window_start"]), local(self.row["window_end"])
        begin = f"{start:%H:%M}" if start.date() == end.date() else f"{start:%m-%d %H:%M}"
        return f"{begin}–{end:%H:%M}"

    @property
    def boxes(self) -> int:
        """Packages of this quantity, the last one may be part full."""
        return boxes(self.shown_quantity, self.row["pack_quantity"])

    @property
    def tone(self) -> str:
        if self.may_answer:
            return "short" if self.is_late else "risk"
        return TONES.get(self.row["state"], "idle")

    @property
    def word(self) -> str:
        return str(WAITING) if self.may_answer else self.state_word

    @property
    def is_late(self) -> bool:
        return self.row["window_end"] < clock.now()

    @property
    def counts_down(self) -> bool:
        """True while the goods have not left."""
        return self.row["state"] in (*TO_ANSWER, *TO_SHIP, "PACKED")

    @property
    def missing(self) -> Decimal | None:
        """How much less was promised than asked for."""
        confirmed = self.row["confirmed_quantity"]
        if confirmed is None or confirmed >= self.row["quantity"]:
            return None
        return self.row["quantity"] - confirmed

    @property
    def postponed(self) -> datetime | None:
        promised = self.row["promised_at"]
        return promised if promised is not None and promised > self.row["window_end"] else None

    @property
    def due_at(self) -> datetime:
        """When it is to be there: the time promised instead of the window's end, else that end."""
        return self.postponed or self.row["window_end"]

    @property
    def opens_at(self) -> datetime:
        """When it may be there at the earliest: not before the time promised instead of its window."""
        return self.postponed or self.row["window_start"]

    @property
    def less_default(self) -> str:
        """One pack less than asked for, as the form first shows it."""
        value = self.typed.get("quantity")
        if value:
            return str(value)
        rest = self.row["quantity"] - self.row["pack_quantity"]
        return plain(rest if rest > 0 else self.row["quantity"])

    @property
    def delays(self) -> list[tuple[str, str]]:
        """(moment, label) of the usual delays, from the window's end."""
        found = []
        for minutes in DELAYS:
            at = self.row["window_end"] + timedelta(minutes=minutes)
            words = T("+%(n)s min", "+%(n)s 分", n=minutes) if minutes < 60 else T(
                "+%(n)s h", "+%(n)s 小时", n=minutes // 60)  # fmt: skip
            found.append((at.isoformat(), f"{words} {local(at):%H:%M}"))
        return found

    @property
    def later_default(self) -> str:
        """What the field for another moment first holds: an hour later, plant time."""
        typed = self.typed.get("promised_at")
        return str(typed) if typed else f"{local(self.row['window_end'] + timedelta(hours=1)):%Y-%m-%dT%H:%M}"

    @property
    def window_minimum(self) -> str:
        return f"{local(self.row['window_end']):%Y-%m-%dT%H:%M}"

    @property
    def reasons(self) -> list[str]:
        return [str(reason) for reason in (REASONS_NO if self.verb == "refuse" else REASONS_LESS)]


@dataclass(frozen=True)
class Day:
    """The cards of one day, plant time."""

    day: date
    word: str
    cards: list[Card]


def by_day(cards: list[Card]) -> list[Day]:
    """Group cards that are in time order by the day their window ends; one that opens today is of today."""
    today = local(clock.now()).date()
    days: list[Day] = []
    for card in cards:
        day = local(card.row["window_end"]).date()
        if day > today:
            day = max(today, min(day, local(card.row["window_start"]).date()))
        if not days or days[-1].day != day:
            days.append(Day(day, _day_word(day, today), []))
        days[-1].cards.append(card)
    return days


def _day_word(day: date, today: date) -> str:
    names = {0: T("Today", "今天"), 1: T("Tomorrow", "明天"), -1: T("Yesterday", "昨天")}
    written = f"{day:%m-%d}" if day.year == today.year else f"{day:%Y-%m-%d}"
    name = names.get((day - today).days)
    return f"{name} {written}" if name is not None else written


def local(at: datetime) -> datetime:
    """Return the moment on the plant's clock."""
    return at.astimezone(clock.plant_zone())


def boxes(quantity: Decimal, pack: Decimal) -> int:
    """Return how many packages hold a quantity."""
    return int((quantity / pack).to_integral_value(ROUND_CEILING))


def plain(number: Decimal) -> str:
    """Write 150.000000 as 150, for inputs and differences."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
