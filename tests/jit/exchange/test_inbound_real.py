"""The real inbound loads in the database, through the door: every count of the specification's table."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from forms_engine.access.actor import Actor
from forms_engine.access.walls import walls
from forms_engine.core.run import action_run
from jit.exchange.management.commands import renault
from jit.exchange.services.folders import import_folder
from jit.exchange.services.inbound_run import inbound_run
from jit.stock.models import Balance
from jit.supply.models import InboundRequirement, PlannedTruck, Shipment
from jit.supply.services.inbound import BatchAnnounced, TruckNotWaiting, inbound_plan, truck_approve
from tests.shared_data import shared_folder

PARIS = ZoneInfo("Europe/Paris")
AS_OF = datetime(2023, 6, 1, 6, tzinfo=PARIS)
TABLE = {
    "CC6": {
        "requirements": 2138, "packages": 15617, "grams": 8_113_187_166, "calloffs": 2138,
        "trucks_planned": 464, "trucks_used": 451, "trucks_extra": 27, "load_lines": 2285,
        "shipments": 586, "slots": 622, "labels": 15617,
        "doors": {"0090016500-1GRA": 5, "0090016500-3GRA": 3}, "heavier": 14,
    },
    "FS2": {
        "requirements": 2808, "packages": 18419, "grams": 7_768_263_118, "calloffs": 2807,
        "trucks_planned": 425, "trucks_used": 405, "trucks_extra": 40, "load_lines": 2931,
        "shipments": 640, "slots": 666, "labels": 18419,
        "doors": {"0091017500-175GR1": 4, "0091017500-175GR2": 4, "0091017500-175GR3": 1,
                  "0091017500-175GR4": 3, "0091017500-175GR-PANT": 2},
        "heavier": 25,
    },
}  # fmt: skip


@pytest.fixture
def command(monkeypatch, capsys):
    """Call `manage.py renault`; returns what its run found and what it printed."""
    runs = []

    def kept(**arguments):
        runs.append(inbound_run(**arguments))
        return runs[-1]

    def call(*arguments):
        monkeypatch.setattr(renault, "inbound_run", kept)
        call_command("renault", *map(str, arguments))
        return runs[-1], capsys.readouterr().out

    return call


@pytest.mark.slow
@pytest.mark.parametrize("name", ["CC6", "FS2"])
def test_the_whole_way_from_the_file_to_the_store(name, transactional_db, command):
    """Import, plan, release, approve, announce, scan in, and say so; then again without any change."""
    folder = shared_folder("renault_inbound") / name
    actor = Actor.system("renault")
    run, out = command(folder)
    want, proof, plan = TABLE[name], run.proof, run.answers["plan"]
    assert run.folder.rejected == 0
    for key in set(want) - {"doors", "heavier"}:
        assert getattr(proof, key) == want[key], key
    assert plan["doors_needed"] == want["doors"] and plan["too_heavy_for_one"] == want["heavier"]
    assert (plan["uncovered"], plan["waiting"]) == ("0", 0)
    assert (proof.uncovered, proof.outside_window, proof.overweight, proof.off_lane) == (0, 0, 0, 0)
    assert proof.labels_missing == 0 and proof.labels_received == proof.packages_received == want["packages"]
    assert run.answers["approve"] == want["trucks_extra"]
    assert f"{want['requirements']:,}" in out and f"{want['packages']:,}" in out
    assert "peak memory" in out and "equal to facts.json" in out
    with walls(actor):
        held = Balance.objects.filter(location__kind="STORE").values_list("quantity", flat=True)
        assert sum(held) == want["packages"]
        assert InboundRequirement.objects.filter(supplier_dock="").exists()
        assert all(
            code.startswith("00") for code in Shipment.objects.values_list("supplier__code", flat=True)
        )
        with pytest.raises(BatchAnnounced):
            inbound_plan(batch=name)
    again = import_folder(actor=actor, folder=folder, zone="Europe/Paris", as_of=AS_OF)
    assert sum(step.outcome.created + step.outcome.updated for step in again.steps) == 0


def test_planning_twice_touches_nothing_and_extra_trucks_wait(db):
    """A plan made again is the same rows; nothing rides on a truck nobody agreed to."""
    folder = shared_folder("renault_inbound") / "CC6"
    actor = Actor.system("renault")
    import_folder(actor=actor, folder=folder, zone="Europe/Paris", as_of=AS_OF)
    with walls(actor):
        first = inbound_plan(batch="CC6", doors_as_needed=True)
        versions = dict(InboundRequirement.objects.values_list("pk", "version"))
        trucks = dict(PlannedTruck.objects.values_list("pk", "version"))
        assert inbound_plan(batch="CC6", doors_as_needed=True) == first
        assert dict(InboundRequirement.objects.values_list("pk", "version")) == versions
        assert dict(PlannedTruck.objects.values_list("pk", "version")) == trucks
    action_run(actor=actor, key="supply.inboundrequirement.release", raw={"batch": "CC6"})
    made = action_run(actor=actor, key="supply.inboundrequirement.announce", raw={"batch": "CC6"}).data
    assert made["waiting"] > 0 and made["lines"] + made["waiting"] == 2285
    waiting = PlannedTruck.objects.filter(state="TO_APPROVE")
    assert waiting.count() == 27
    extra = waiting.first()
    truck_approve(truck=extra)
    with pytest.raises(TruckNotWaiting):
        truck_approve(truck=extra)


def test_the_command_may_stop_before_the_store(transactional_db, command, tmp_path):
    """The first rows of the file are announced, and nothing is received."""
    folder = shared_folder("renault_inbound") / "CC6"
    (tmp_path / "input_trucks.csv").write_bytes((folder / "input_trucks.csv").read_bytes())
    rows = (folder / "input_items.csv").read_bytes().splitlines(keepends=True)
    (tmp_path / "input_items.csv").write_bytes(b"".join(rows[:41]))
    run, out = command(tmp_path, "--receive", "none")
    assert run.proof.requirements == 40 and run.proof.labels > 0
    assert run.proof.labels_received == run.proof.packages_received == 0
    assert "peak memory" in out and "facts.json" not in out
