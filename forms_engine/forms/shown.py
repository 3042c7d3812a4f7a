"""Values as people type and read them: into inputs, into lists, into detail pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from forms_engine.fields.base import type_of
from forms_engine.fields.entries import choices_of
from forms_engine.kernel import clock
from forms_engine.kernel.schema import FieldSpec

#: Choice values that say how things are, as a signal's tone; everything else is neutral.
TONES = {
    "ok": (
        "CONFIRMED RECEIVED DONE APPROVED RELEASED AVAILABLE ACCEPTED CLOSED ACTIVE RESOLVED DEPARTED "
        "SHIPPED NONE FULL"
    ),
    "risk": (
        "SENT ACKED PARTIAL SUBMITTED WAITING PREP PACKED ARRIVED AT_GATE UNLOADED RECEIVING RUNNING "
        "STARTED TO_APPROVE RETURNED INSPECTION OPEN ACKNOWLEDGED COUNTED IN_TRANSIT"
    ),
    "short": "DECLINED REJECTED FAILED DISCREPANT SHORT OVER UNKNOWN SHORT_CLOSED REFUSE",
    "frozen": "HOLD LOCKED BLOCKED FROZEN QUARANTINE",
}
MOST_DIGITS = 30
_TONE_OF = {value: tone for tone, values in TONES.items() for value in values.split()}


@dataclass(frozen=True)
class Shown:
    """One value on a page: its words, and what kind of thing it is for the template."""

    kind: str
    text: str
    value: Any = None
    url: str = ""
    tone: str = ""
    unit: str = ""
    label: str = ""
    name: str = ""
    is_number: bool = False
    """True for a number, also for one that is not there: both stand at the right of a column."""


def tone_of(value: object) -> str:
    """Return the tone of a state: ok, risk, short, frozen, or idle."""
    return _TONE_OF.get(str(value), "idle")


def local(value: Any) -> Any:
    """Return a moment on the plant's clock; ISO text is read."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            return value
    return value.astimezone(clock.plant_zone()) if isinstance(value, dt.datetime) and value.tzinfo else value


def plain_number(value: Any) -> str:
    """Return a decimal without trailing zeros, as one types it; what is no number comes back as it is."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        return str(value)  # 1e9999 stays what was typed, not ten thousand digits
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def input_value(spec: FieldSpec, value: Any, language: str) -> Any:
    """Return what stands in an input: text as typed; a reference as {"id", "label"}."""
    if value is None or spec.type == "table":
        return ""
    if spec.type == "reference":
        if isinstance(value, dict):
            return {"id": value.get("id") or "", "label": value.get("label") or ""}
        return {"id": str(value), "label": ""}
    if spec.type in ("decimal", "quantity", "integer", "formula") and not isinstance(value, dict):
        return plain_number(value)
    if spec.type == "datetime":
        moment = local(value)
        return moment.strftime("%Y-%m-%dT%H:%M") if isinstance(moment, dt.datetime) else str(value)
    if spec.type == "time" and isinstance(value, dt.time):
        return value.strftime("%H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def shown(spec: FieldSpec, value: Any, language: str, *, target: str | None = None) -> Shown:
    """Return one value for a list or a detail page. `value` is what the query gives: JSON or Python."""
    label = spec.label.in_language(language)
    if value is None or value == "":
        numeric = spec.type in ("decimal", "quantity", "integer")
        return Shown("none", "–", label=label, name=spec.name, is_number=numeric)
    if spec.type == "reference":
        identity, words = (value.get("id"), value.get("label")) if isinstance(value, dict) else (value, None)
        url = f"/e/{target}/{identity}/" if target and identity else ""
        return Shown("reference", str(words or identity or "–"), value, url, label=label, name=spec.name)
    if spec.type == "choice":
        words = next((one["label"] for one in choices_of(spec) if one["value"] == value), None)
        kind = "state" if spec.name in ("state", "status", "difference") else "choice"
        return Shown(
            kind,
            words.in_language(language) if words else str(value),
            value,
            tone=tone_of(value),
            label=label,
            name=spec.name,
        )
    if spec.type in ("decimal", "quantity", "integer"):
        unit = str(spec.option("unit") or "")
        return Shown("number", plain_number(value), value, unit=unit, label=label, name=spec.name)
    if spec.type == "datetime":
        return Shown("moment", str(value), local(value), label=label, name=spec.name)
    if spec.type == "boolean":
        return Shown("boolean", "✓" if value else "–", bool(value), label=label, name=spec.name)
    if spec.type == "long_text":
        return Shown("long", str(value), value, label=label, name=spec.name)
    if spec.type == "table":
        return Shown("table", "", value, label=label, name=spec.name)
    words = type_of(spec).display(spec, value, language) if not isinstance(value, str) else value
    return Shown("text", str(words), value, label=label, name=spec.name)
