"""Sweeps that carry cases on: due timers, finished background actions, cases a crash left unfinished."""

from __future__ import annotations

import logging

from forms_engine.access.actor import Actor
from forms_engine.access.walls import walls
from forms_engine.base.scheduler import periodic
from forms_engine.workflows import services

ROBOT = Actor.system("flows")

log = logging.getLogger("takt.workflows")


@periodic("workflows.timers", seconds=1, sweep=True)
def timers_sweep() -> int:
    """Fire every due timer, each in a transaction of its own; returns how many fired."""
    count = 0
    for timer_id in services.timers_due():
        with walls(ROBOT, action="workflows.timer"):
            count += services.timer_fire(actor=ROBOT, timer_id=timer_id)
    return count


@periodic("workflows.actions", seconds=1, sweep=True)
def action_runs_sweep() -> int:
    """Tell cases whose background action is over; returns how many went on."""
    count = 0
    for run_id in services.action_runs_over():
        with walls(ROBOT, action="workflows.action"):
            count += services.action_run_collect(actor=ROBOT, run_id=run_id)
    return count


@periodic("workflows.recover", seconds=60)
def recovery_sweep() -> int:
    """Mend running cases that are not whole; returns how many things were mended. It should be 0 for ever."""
    mended = 0
    for instance_id in services.instances_broken():
        with walls(ROBOT, action="workflows.recover"):
            found = services.instance_recover(actor=ROBOT, instance_id=instance_id)
        log.warning("case %s was not whole: %d things mended", instance_id, found)
        mended += found
    return mended


@periodic("workflows.prove", cron="17 3 * * *")
def proof_sweep() -> int:
    """Fold the events of every running case anew, under the release of today; returns how many differ."""
    faults = 0
    for instance in services.instances_running():
        found = services.instance_check(instance)
        for fault in found:
            log.error("case %s: %s", instance.pk, fault)
        faults += bool(found)
    return faults
