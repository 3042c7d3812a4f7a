"""Inputs nobody should send, and somebody will (reliability.md, bad-input corpus)."""

import datetime as dt
import json
import pathlib
from decimal import Decimal

from forms_engine.kernel.quantity import Quantity

NAUGHTY = json.loads((pathlib.Path(__file__).parent / "data/naughty_strings/blns.json").read_text("utf-8"))

STRINGS = (
    *NAUGHTY,
    *(
        "NaN",
        "inf",
        "-inf",
        "1e999",
        "１２３",
        "1.234,56",
        "1,234.56",
        "9" * 400,
        "-0",
        "0.0000001",
        "1e-400",
    ),
    *("\x00", "a\x00b", "\ud800", "\udfff tail", "\u202eabc", "👨‍👩‍👧‍👦", "𠮷野家", "𫝀", "x" * 1_000_000),
    *("0000-00-00", "0000-01-01", "9999-12-31", "2026-02-29", "2026-W53-1", "24:00", "2026-11-24 25:00"),
    *("2026-11-24T10:00+99:99", "２０２６年１１月２４日", "1E5", "00012", " ", "\t\n", "true ", "是"),
    *("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "12 kg", "12kg", "1e5 kg", "kg", "5 PCE", "5 件"),
)
OBJECTS = (
    *(True, False, 0, -1, 2**70, 10**5000, 1.5, float("nan"), float("inf"), -0.0),
    *(Decimal("NaN"), Decimal("sNaN"), Decimal("1E+999999"), Decimal("1E-999999")),
    *([], [1], {}, {"value": "1"}, {"value": "1", "unit": "PCE"}, {"value": None, "unit": None}),
    *({"unit": []}, {"value": {}}, b"bytes", object(), (), {1: 2}, [[["deep"]]], Quantity(Decimal(3), "KG")),
    *(dt.date(1, 1, 1), dt.date(2026, 1, 1), dt.datetime.max, dt.datetime(2026, 1, 1, 12)),
    *(
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=14))),
    ),
)
EVERYTHING = (*STRINGS, *OBJECTS)
