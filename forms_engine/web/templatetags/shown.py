"""How numbers, times and signals are written on every page."""

import datetime as dt
from decimal import Decimal, InvalidOperation

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from forms_engine.kernel import clock
from forms_engine.kernel.quantity import Quantity
from forms_engine.web.screen_texts import SCREEN_TEXTS

register = template.Library()

NOTHING = "–"
TONES = ("ok", "risk", "short", "frozen", "idle")


def number_shown(value: object, decimals: int | None = None) -> str:
    """Write 1234.500000 as 1,234.5; decimals fixes the places; None and "" give an en dash."""
    if value is None or value == "":
        return NOTHING
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not number.is_finite():
        return NOTHING
    if decimals is not None:
        number = round(number, decimals)
    text = f"{abs(number):,f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"\N{MINUS SIGN}{text}" if number < 0 and text.strip("0.,") else text


def span_shown(seconds: float) -> str:
    """Write a length of time in its two largest units: 49 min, 3 h 5 min, 2 d."""
    whole = int(abs(seconds))
    if whole < 60:
        key, n, m = "span.seconds", whole, 0
    elif whole < 3600:
        key, n, m = "span.minutes", whole // 60, 0
    elif whole < 86400:
        n, m = whole // 3600, whole % 3600 // 60
        key = "span.hours_minutes" if m else "span.hours"
    else:
        key, n, m = "span.days", whole // 86400, 0
    return str(SCREEN_TEXTS[key]).format(n=n, m=m)


def _moment(value: object) -> dt.datetime | None:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value) if value else None
    if not isinstance(value, dt.datetime):
        return None
    return value if timezone.is_aware(value) else timezone.make_aware(value)


def plant_time(at: dt.datetime) -> dt.datetime:
    """Return the moment on the plant's own clock, whatever the server's zone is."""
    return at.astimezone(clock.plant_zone())


def _clock_text(at: dt.datetime) -> str:
    local = plant_time(at)
    same_day = local.date() == plant_time(clock.now()).date()
    return local.strftime("%H:%M" if same_day else "%m-%d %H:%M")


@register.filter
def number(value: object, decimals: int | None = None) -> str:
    """`{{ 1234.50|number }}` → 1,234.5; `{{ share|number:1 }}` keeps one place."""
    return number_shown(value, decimals)


@register.filter
def quantity(value: object, unit: object = "") -> SafeString:
    """`{{ line.quantity|quantity:line.item.uom }}`: a tabular number with its unit in grey."""
    if isinstance(value, Quantity):
        value, unit = value.value, unit or value.unit
    text = number_shown(value)
    css = "qty minus" if text.startswith("\N{MINUS SIGN}") else "qty"
    if not unit or text == NOTHING:
        return format_html('<span class="{}">{}</span>', css, text)
    return format_html('<span class="{}">{}<span class="unit">{}</span></span>', css, text, unit)


@register.filter
def about(value: object, unit: object = "") -> SafeString:
    """`{{ one.stock|about:one.unit }}`: a quantity at a glance: two places at most, the rest on hover.

    Scrap and yield ratios leave six decimals of a piece in planned and backflushed quantities.
    """
    exact = number_shown(value)
    if exact == NOTHING or len(exact.partition(".")[2]) <= 2:
        return quantity(value, unit)
    return format_html('<span title="{}">{}</span>', exact, quantity(round(Decimal(str(value)), 2), unit))


@register.filter
def clock_time(value: object) -> SafeString:
    """`{{ at|clock_time }}` → 09:40, with the day when it is another one; full time and zone on hover."""
    at = _moment(value)
    if at is None:
        return SafeString(NOTHING)
    title = plant_time(at).strftime("%Y-%m-%d %H:%M:%S %Z")
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), title, _clock_text(at))


@register.simple_tag
def due(value: object) -> SafeString:
    """`{% due calloff.due_at %}` → "in 49 min", counting down in the page; late ones say so."""
    at = _moment(value)
    if at is None:
        return SafeString(NOTHING)
    seconds = (at - clock.now()).total_seconds()
    words = str(SCREEN_TEXTS["due.late" if seconds < 0 else "due.in"]).format(span=span_shown(seconds))
    title = plant_time(at).strftime("%Y-%m-%d %H:%M %Z")
    late = SafeString(" late") if seconds < 0 else ""
    return format_html('<mes-due at="{}" title="{}"{}>{}</mes-due>', at.isoformat(), title, late, words)


@register.simple_tag
def ago(value: object) -> SafeString:
    """`{% ago entry.at %}` → "3 min ago"; older than a day as the date."""
    at = _moment(value)
    if at is None:
        return SafeString(NOTHING)
    seconds = (clock.now() - at).total_seconds()
    title = plant_time(at).strftime("%Y-%m-%d %H:%M:%S %Z")
    if seconds >= 86400:
        return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), title, _clock_text(at))
    words = str(SCREEN_TEXTS["due.ago"]).format(span=span_shown(seconds))
    return format_html('<mes-due at="{}" kind="past" title="{}">{}</mes-due>', at.isoformat(), title, words)


@register.simple_tag
def signal(tone: str, word: object) -> SafeString:
    """`{% signal "risk" "49 min" %}`: colour, shape and word. Tones: ok, risk, short, frozen, idle."""
    return format_html('<span class="sig sig-{}">{}</span>', tone if tone in TONES else "idle", word)


@register.simple_tag
def state(tone: str, word: object) -> SafeString:
    """`{% state "ok" record.state_label %}`: the badge of a record's state, same tones as a signal."""
    tone = tone if tone in TONES else "idle"
    return format_html('<span class="state sig sig-{}">{}</span>', tone, word)


@register.filter
def get_item(mapping: object, key: object) -> object:
    """`{{ row|get_item:column.name }}`: what a mapping holds under a name known only at run time."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""
