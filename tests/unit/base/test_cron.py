"""A schedule runs once per slot of the wall clock, whatever the clock does."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from forms_engine.base.cron import Cron, last_due


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def slots(cron: str, zone: str, start: str, hours: int) -> list[str]:
    """Return the names of all slots met when looking every five minutes."""
    parsed, moment, seen = Cron.parse(cron), at(start), []
    for _ in range(hours * 12):
        found = last_due(parsed, zone, moment)
        if found and (not seen or seen[-1] != found[0]):
            seen.append(found[0])
        moment += dt.timedelta(minutes=5)
    return seen


def test_every_weekday_morning_in_shanghai():
    found = last_due(
        Cron.parse("30 7 * * 1-5"), "Asia/Shanghai", at("2026-11-23T00:00")
    )  # Monday 08:00 there
    assert found == ("2026-11-23T07:30 Asia/Shanghai", at("2026-11-22T23:30"))


def test_the_hour_that_happens_twice_is_one_slot():
    names = slots("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 36)
    assert names == ["2026-10-24T02:30 Europe/Berlin", "2026-10-25T02:30 Europe/Berlin"]


def test_the_hour_that_never_happens_still_runs_once():
    names = slots("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 36)
    assert names == ["2026-03-28T02:30 Europe/Berlin", "2026-03-29T02:30 Europe/Berlin"]


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Europe/Berlin"])
def test_each_day_has_one_slot_over_a_whole_year(zone: str):
    parsed, seen = Cron.parse("15 2 * * *"), set()
    moment = dt.datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
    for _ in range(365 * 4):
        moment += dt.timedelta(hours=6)
        found = last_due(parsed, zone, moment)
        assert found is not None and found[1] <= moment
        seen.add(found[0])
    assert len(seen) == 365


def test_after_two_days_down_only_the_newest_slot_is_due():
    found = last_due(Cron.parse("0 * * * *"), "UTC", at("2026-05-03T10:59"))
    assert found == ("2026-05-03T10:00 UTC", at("2026-05-03T10:00"))


@pytest.mark.parametrize("source", ["* * * *", "60 * * * *", "a * * * *", "*/0 * * * *", "5-1 * * * *"])
def test_malformed_schedules_are_refused(source: str):
    with pytest.raises(ValueError):
        Cron.parse(source)
