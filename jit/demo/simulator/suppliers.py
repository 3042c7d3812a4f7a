"""The suppliers and their drivers: answer most call-offs, ship them, sometimes less, later or not at all."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

from jit.demo.simulator.chance import chance, key_of, minutes, moment, number, plain
from jit.demo.simulator.client import Robot, Row
from jit.demo.simulator.stage import Stage

TRANSIT = dt.timedelta(minutes=60)
MOST_LINES = 6
CONFIRM, LESS, LATER = 0.86, 0.92, 0.97
WHY_LESS = ("设备检修，当班产能不足", "原材料到货不足")
WHY_LATER = ("车辆在途延误", "换型时间延长")
WHY_NOT = ("模具损坏，本窗口无法供货",)


def answer(stage: Stage, robot: Robot) -> None:
    """Reply to what has waited long enough; a person at the supplier has the first word."""
    waiting = ["in", "state", ["RELEASED", "SENT", "ACKED"]]
    for row in robot.rows("supply.calloff", where=[waiting], sort="window_end", size=30):
        told = moment(row["released_at"])
        if told and told + minutes(3, 30, row["number"], "answer") <= stage.now:
            stage.try_(robot, "supply.calloff", row, lambda row=row: _reply(stage, robot, row))


def _reply(stage: Stage, robot: Robot, row: Row) -> str:
    fate = 0.0 if row["kind"] == "EMERGENCY" else chance(row["number"], row["revision"], "fate")
    wanted, pack = number(row["quantity"]), number(row["pack_quantity"])
    verb, values, words = "confirm", {}, "确认 / confirms"
    if CONFIRM <= fate < LESS and wanted > pack:
        verb, words = "less", "少发 / less"
        values = {"quantity": plain(wanted - pack), "reason": WHY_LESS[int(fate * 1000) % len(WHY_LESS)]}
    elif LESS <= fate < LATER:
        end = moment(row["window_end"]) or stage.now
        later = end + minutes(20, 75, row["number"], "later")
        verb, words = "later", "改时间 / later"
        values = {"promised_at": later.isoformat(), "reason": WHY_LATER[int(fate * 1000) % len(WHY_LATER)]}
    elif fate >= LATER:
        verb, words, values = "refuse", "拒绝 / refuses", {"reason": WHY_NOT[0]}
    robot.act(f"supply.calloff/{row['id']}/{verb}/", values | {"revision": row["revision"]})
    return f"{words} {row['number']} {row['item_code']} × {plain(wanted)}"


def note(stage: Stage, robot: Robot) -> None:
    """Take note of what the plant has withdrawn, or it would stand on the supplier's page for ever."""
    gone = [["eq", "state", "CANCELLED"], ["empty", "acked_at"], ["not_empty", "released_at"]]
    for row in robot.rows("supply.calloff", where=gone, sort="window_end", size=10):
        stage.try_(robot, "supply.calloff", row, lambda row=row: _noted(robot, row))


def _noted(robot: Robot, row: Row) -> str:
    robot.act(f"supply.calloff/{row['id']}/see/")
    return f"知悉撤回 / notes the withdrawal of {row['number']}"


def ship(stage: Stage, robot: Robot) -> None:
    """Load what is due at one dock on one truck and send it."""
    ready = ["in", "state", ["CONFIRMED", "PARTIAL", "PREP"]]
    rows = robot.rows("supply.calloff", where=[ready], sort="window_end", size=40)
    due = [row for row in rows if _leaves_at(row) <= stage.now and _rest(row) > 0]
    due.sort(key=lambda row: key_of(row["dock"]))
    for _, group in groupby(due, key=lambda row: key_of(row["dock"])):
        load = list(group)[:MOST_LINES]
        stage.try_(robot, "supply.calloff", load[0], lambda load=load: _send(stage, robot, load))


def _leaves_at(row: Row) -> dt.datetime:
    """Half an hour before the last moment; one truck in twelve leaves too late."""
    end = moment(row["promised_at"]) or moment(row["window_end"])
    if end is None:
        return dt.datetime.max.replace(tzinfo=dt.UTC)
    late = chance(row["number"], "truck") > 0.92
    spare = minutes(-45, -20, row["number"]) if late else minutes(10, 40, row["number"])
    return end - TRANSIT - spare


def _rest(row: Row) -> Any:
    firm = row["quantity"] if row["confirmed_quantity"] is None else row["confirmed_quantity"]
    return number(firm) - number(row["packed_quantity"])


def _send(stage: Stage, robot: Robot, load: list[Row]) -> str:
    first = load[0]["number"]
    lot = f"{load[0]['item_code']}-{stage.now:%y%m%d%H}"
    done = robot.act(
        "do/supply.shipment.announce/",
        {
            "carrier": "安达物流",
            "plate": f"沪A·{int(chance(first, 'plate') * 90000) + 10000}",
            "arrives_at": (stage.now + TRANSIT).isoformat(),
            "departs_now": True,
            "lines": [{"calloff": row["id"], "quantity": plain(_rest(row)), "lot_code": lot} for row in load],
        },
    )
    return f"发车 / departs {done.get('number', '')}: {len(load)} 行 / lines"
