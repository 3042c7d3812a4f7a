"""The plant's clock goes on where it stood; chance is the same every time."""

import datetime as dt
from decimal import Decimal

import pytest

from jit.config.boot import demo, plant_clock
from jit.demo.simulator.chance import chance, minutes, plain
from jit.demo.simulator.life import round_seconds
from jit.demo.simulator.stage import by_person

REAL = dt.datetime(2026, 5, 4, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def test_at_speed_one_the_clock_is_the_machines(tmp_path):
    clock = plant_clock.begin(tmp_path, 1, REAL)
    plant_clock.keep(tmp_path, clock, REAL + HOUR)
    assert (clock.line(), list(tmp_path.iterdir())) == ("", [])


def test_a_fast_plant_keeps_its_lead_after_a_restart(tmp_path):
    fast = plant_clock.begin(tmp_path, 60, REAL)
    plant_clock.keep(tmp_path, fast, REAL + HOUR)
    again = plant_clock.begin(tmp_path, 1, REAL + 2 * HOUR)
    assert again.at(REAL + 3 * HOUR) == REAL + 61 * HOUR
    assert plant_clock.read(again.line()) == again


def test_the_real_clock_overtakes_a_plant_that_slept(tmp_path):
    plant_clock.keep(tmp_path, plant_clock.begin(tmp_path, 2, REAL), REAL + HOUR)
    assert plant_clock.begin(tmp_path, 1, REAL + 9 * HOUR).is_real


def test_a_broken_note_is_no_reason_not_to_start(tmp_path):
    (tmp_path / plant_clock.FILE).write_text("{")
    assert plant_clock.begin(tmp_path, 1, REAL).is_real


@pytest.mark.parametrize("text", ["0", "-1", "nan", "fast", "241"])
def test_a_speed_nobody_can_mean_is_refused(text):
    with pytest.raises(SystemExit):
        demo.options(["--speed", text])


def test_chance_belongs_to_its_document():
    values = {chance("CO-1", number) for number in range(500)}
    assert len(values) == 500
    assert all(0 <= value < 1 for value in values)
    assert 0.4 < sum(values) / 500 < 0.6
    assert chance("CO-1", 7) == chance("CO-1", 7)
    assert dt.timedelta(minutes=3) <= minutes(3, 5, "x") < dt.timedelta(minutes=5)


def test_numbers_leave_without_an_exponent():
    assert [plain(value) for value in map(Decimal, ("50", "100.00", "0.5"))] == [
        "50",
        "100",
        "0.5",
    ]


def test_robots_keep_away_from_what_a_person_did_not_from_what_the_house_did():
    done = {"action": "planning.plan.submit"}
    assert by_person(done | {"actor": "王计划", "actor_id": "01a2"})
    assert by_person(done | {"actor": "恒力五金", "actor_id": "link:01a2"})
    assert not by_person(done | {"actor": "flows", "actor_id": "system:flows"})
    assert not by_person(done | {"actor": "模拟计划员", "actor_id": "01a3"})
    assert not by_person({"actor": "王计划", "actor_id": "01a2", "action": ""})


def test_rounds_are_rare_at_speed_one_and_never_faster_than_one_a_second():
    assert [round_seconds(speed) for speed in (1, 5, 60, 240)] == [10, 2, 1, 1]
