"""What all robots share: the plant's time, the log, and respect for people at work on the same document."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from forms_engine.kernel import clock
from jit.demo.simulator.client import Refused, Robot, Row

log = logging.getLogger("takt.demo.simulator")

MARK = "模拟"
HANDS_OFF = dt.timedelta(minutes=5)
REST = dt.timedelta(seconds=60)


class Stage:
    """One plant, watched by a robot that may read everything."""

    def __init__(self, watcher: Robot) -> None:
        self.watcher = watcher
        self.zone = clock.plant_zone()
        self.now = clock.now()
        self.acts = 0
        self._resting: dict[str, dt.datetime] = {}

    def tick(self) -> None:
        """Take the time of this round."""
        self.now = clock.now()
        real = clock.real_now()
        self._resting = {key: until for key, until in self._resting.items() if until > real}

    def try_(self, robot: Robot, entity: str, row: Row, deed: Callable[[], str]) -> None:
        """Do something to a document unless a person just did, or it was refused a moment ago."""
        if row["id"] in self._resting:
            return
        if self._in_human_hands(entity, row["id"]):
            self._resting[row["id"]] = clock.real_now() + REST
            return
        if not self.act(robot, deed):
            self._resting[row["id"]] = clock.real_now() + REST

    def act(self, robot: Robot, deed: Callable[[], str]) -> bool:
        """Do something and write one line about it; a refusal is a line as well, never the end."""
        try:
            words = deed()
        except Refused as refusal:
            log.warning("%s: 未成 / refused (%s): %s", robot.name, refusal.status, refusal)
            return False
        if words:
            self.acts += 1
            log.info("%s %s: %s", f"{self.now.astimezone(self.zone):%m-%d %H:%M}", robot.name, words)
        return True

    def _in_human_hands(self, entity: str, pk: str) -> bool:
        try:
            changes = self.watcher.read(f"{entity}/{pk}/history/").get("results") or ()
        except Refused:
            return False
        real = clock.real_now()
        return any(
            real - dt.datetime.fromisoformat(change["at"]) < HANDS_OFF and by_person(change)
            for change in changes[:3]
        )


def by_person(change: Row) -> bool:
    """Say whether a change was made by a person, neither by the house itself nor by a robot."""
    actor, key = change.get("actor") or "", change.get("actor_id") or ""
    return bool(actor and change.get("action")) and not (key.startswith("system:") or actor.startswith(MARK))
