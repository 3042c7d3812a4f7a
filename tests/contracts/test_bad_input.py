"""Generated bad input: numbers, days, texts, part numbers are refused with words, or kept exactly."""

import datetime as dt
import functools
import zoneinfo
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_engine.base.discovery import discover
from forms_engine.fields.base import CleanContext
from forms_engine.fields.clean import clean
from forms_engine.fields.moments import date_parse, moment_parse
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.quantity import Quantity
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.worktime import Shift, WorkCalendar

discover()

SCHEMA = Schema(
    (
        FieldSpec("number", "decimal"),
        FieldSpec("count", "integer"),
        FieldSpec("load", "quantity", options={"units": "*"}),
        FieldSpec("code", "text"),
        FieldSpec("note", "long_text"),
        FieldSpec("day", "date"),
        FieldSpec("at", "datetime"),
        FieldSpec("yes", "boolean"),
        FieldSpec("state", "choice", options={"choices": "open\nclosed"}),
        FieldSpec("scan", "scan"),
    )
)
CTX = CleanContext(now=dt.datetime(2026, 11, 24, tzinfo=dt.UTC))
SIGNS = st.sampled_from(list("0123456789０１９.,，eE+-−–' _٣½%NaNinf\u200b\u00a0"))
NUMBERS = st.one_of(
    st.text(SIGNS, min_size=1, max_size=25),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.floats(),
    st.integers(-(10**40), 10**40),
)


def outcome(name, raw):
    result = clean(SCHEMA, {name: raw}, ctx=CTX)
    for error in result.errors:
        assert error.field == name
        assert "." in error.code
        assert error.in_language("en") != error.in_language("zh")
    return result


@settings(max_examples=600, deadline=None)
@given(NUMBERS)
def test_a_number_is_kept_exactly_or_refused(raw):
    result = outcome("number", raw)
    value = result.values.get("number")
    if value is not None:
        assert isinstance(value, Decimal)
        assert value.is_finite()
        exact = Decimal(repr(raw)) if isinstance(raw, float) else raw
        if isinstance(exact, int | Decimal):
            assert value == exact
        assert value == value.quantize(Decimal("0.000001"))
        assert abs(value) < 10**12


@settings(max_examples=300, deadline=None)
@given(NUMBERS)
def test_a_whole_number_is_kept_exactly_or_refused(raw):
    value = outcome("count", raw).values.get("count")
    if value is not None:
        assert type(value) is int
        assert abs(value) < 10**18
        if isinstance(raw, int | float | Decimal):
            assert value == (Decimal(repr(raw)) if isinstance(raw, float) else raw)


@settings(max_examples=300, deadline=None)
@given(NUMBERS, st.text(max_size=25))
def test_a_quantity_never_loses_its_unit(raw, unit):
    value = outcome("load", {"value": raw, "unit": unit}).values.get("load")
    if value is not None:
        assert isinstance(value, Quantity)
        assert value.unit == unit.strip()


@settings(max_examples=450, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.text(st.characters(categories=["Cs", "Cc", "Cf", "Lo", "So"]), max_size=30),
        st.text(st.sampled_from(list("<>&\"'=+@-\x00\ud800\u202e\u2066👩‍🔧𠮷𫝀㐀\n\t ")), max_size=30),
    )
)
def test_text_is_kept_character_by_character_or_refused(raw):
    for name in ("code", "note"):
        result = outcome(name, raw)
        if not raw.strip():
            assert result.values[name] is None
        elif "\x00" in raw or any("\ud800" <= char <= "\udfff" for char in raw):
            assert [error.code for error in result.errors] == ["text.forbidden_character"]
        else:
            assert result.values[name] == raw


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"\A(0{0,4}[0-9]{1,9}|[0-9]{1,3}E[0-9]{1,3}|20[0-9]{2}-[01][0-9]|[A-ZО0Il1]{1,8} ?)\Z"))
def test_part_numbers_stay_text(raw):
    assert outcome("code", raw).values["code"] == raw


@settings(max_examples=600, deadline=None)
@given(
    st.one_of(
        st.text(st.sampled_from(list("0123456789-/.年月日T: Z+０９")), max_size=25),
        st.datetimes(),
        st.dates(),
        st.builds("{}-{}-{}".format, st.integers(0, 10000), st.integers(0, 14), st.integers(0, 33)),
        st.builds("{:04d}-12-{:02d} {}:{:02d}".format, st.integers(1, 9999), st.integers(1, 32),
                  st.integers(0, 25), st.integers(0, 61)),
    )
)  # fmt: skip
def test_days_and_moments_are_real_or_refused(raw):
    day = outcome("day", raw).values.get("day")
    if day is not None:
        assert dt.date(1900, 1, 1) <= day <= dt.date(2999, 12, 31)
    at = outcome("at", raw).values.get("at")
    if at is not None:
        assert at.utcoffset() == dt.timedelta(0)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from([*SCHEMA.names, "ghost"]) | st.text(max_size=5), JUNK, max_size=8))
def test_no_json_whatsoever_gets_through_or_breaks_the_cleaner(raw):
    result = clean(SCHEMA, raw, ctx=CTX)
    assert {e.field for e in result.errors if e.code == "field.unknown"} == {
        str(name)[:100] for name in raw if name not in SCHEMA
    }


@functools.cache
def transitions():
    """Every change of clocks 2020–2035 in every zone: (zone, last moment before, seconds the clocks move)."""
    found = {}
    for name in sorted(zoneinfo.available_timezones()):
        zone = zoneinfo.ZoneInfo(name)
        at = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        while at.year < 2036:
            later = at + dt.timedelta(days=20)
            a, b = at.astimezone(zone).utcoffset(), later.astimezone(zone).utcoffset()
            if a != b:
                low, high = 0, 20 * 1440
                while high - low > 1:
                    middle = (low + high) // 2
                    same = (at + dt.timedelta(minutes=middle)).astimezone(zone).utcoffset() == a
                    low, high = (middle, high) if same else (low, middle)
                change = at + dt.timedelta(minutes=high)
                found.setdefault((change, a, b), name)
            at = later
    return [(name, change, after - before) for (change, before, after), name in found.items()]


def test_wall_times_around_every_change_of_clocks_follow_the_rule():
    """A time that never happens is refused, one that happens twice is the first (I23)."""
    assert len(transitions()) > 100
    for name, change, move in transitions():
        zone = zoneinfo.ZoneInfo(name)
        inside = abs(move) / 2
        before = (change - dt.timedelta(minutes=1)).astimezone(zone).replace(tzinfo=None) + dt.timedelta(
            minutes=1
        )
        if move > dt.timedelta(0):
            with pytest.raises(FieldError) as caught:
                moment_parse((before + inside).isoformat(" "), zone)
            assert caught.value.code == "datetime.gap", (name, change)
            assert moment_parse((before + move).isoformat(" "), zone) == change
        else:
            assert moment_parse((before - inside).isoformat(" "), zone) == change - inside, (name, change)
        assert date_parse(before.date().isoformat()) == before.date()


def test_working_time_counts_real_minutes_over_every_change_of_clocks():
    for name, change, _ in transitions():
        always = WorkCalendar(name, {day: (Shift.of("00:00", "24:00"),) for day in range(7)})
        start, end = change - dt.timedelta(hours=30), change + dt.timedelta(hours=30)
        assert always.minutes_between(start, end) == 3600, (name, change)
        assert always.add(start, 3600) == end
        assert always.back(end, 3600) == start
