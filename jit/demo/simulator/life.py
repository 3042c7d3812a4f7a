"""The loop: each round every robot looks what is due by the plant's clock and does it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from jit.demo.people import Credential
from jit.demo.simulator import floor, office, suppliers
from jit.demo.simulator.client import Api, Refused, Robot
from jit.demo.simulator.stage import Stage

log = logging.getLogger("takt.demo.simulator")

Part = Callable[[Stage, Robot], None]
#: role → what it does in every round, what it does in every `SLOW`th.
SLOW = 6
OFFICE: dict[str, tuple[tuple[Part, ...], tuple[Part, ...]]] = {
    "planner": ((), (office.plan,)),
    "approver": ((), (office.approve,)),
    "buyer": ((office.release,), (office.rescue,)),
    "warehouse": ((floor.receive,), (floor.fetch_bulk,)),
    "operator": ((floor.report,), ()),
}
LONGEST_PAUSE = 60.0


def round_seconds(speed: float) -> float:
    """Return the real seconds between rounds: ten at speed 1, one from speed 10 on."""
    return min(10.0, max(1.0, 10.0 / speed))


def live(*, url: str, speed: float, people: dict[str, Credential], stop: threading.Event) -> None:
    """Run rounds until `stop`; errors lengthen the pause up to a minute and end with the first success."""
    api = Api(url)
    robots = {role: Robot(api, c.name, c.token, c.user_id) for role, c in people.items()}
    stage = Stage(robots["manager"])
    pause, number = round_seconds(speed), 0
    while not stop.wait(pause):
        stage.tick()
        fine = one_round(stage, robots, slow=number % SLOW == 0, stop=stop)
        number += 1
        pause = round_seconds(speed) if fine else min(LONGEST_PAUSE, pause * 2)


def one_round(
    stage: Stage, robots: dict[str, Robot], *, slow: bool, stop: threading.Event | None = None
) -> bool:
    """Let everybody act once; returns False when the plant could not be reached or refused to be read."""
    fine = True
    for role, robot in robots.items():
        often, seldom = OFFICE.get(role, ((), ()))
        if role.startswith("supplier:"):
            often, seldom = (suppliers.answer, suppliers.ship), (suppliers.note,)
        for part in (*often, *(seldom if slow else ())):
            if stop is not None and stop.is_set():
                return fine
            try:
                part(stage, robot)
            except Refused as refusal:
                fine = False
                log.warning("%s: 读取失败 / cannot read (%s): %s", robot.name, refusal.status, refusal)
    return fine
