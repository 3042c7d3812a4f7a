"""What the office does when nobody else does: plan the next day, approve, release, call in an emergency."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from jit.demo.plant import CUSTOMER, FETCHED_AFTER, ORDERED, SHIFT_HOURS, UNITS_PER_HOUR
from jit.demo.simulator.chance import chance, key_of, minutes, moment
from jit.demo.simulator.client import Robot, Row
from jit.demo.simulator.stage import Stage

AHEAD = dt.timedelta(hours=14)
SHIFTS = 3
CALLED = dt.timedelta(hours=10)
DANGER = dt.timedelta(minutes=100)
NEEDED_IN = dt.timedelta(minutes=75)
TITLE = "模拟计划"
ENDED = ("RECEIVED", "CLOSED", "CANCELLED", "SHORT_CLOSED", "DECLINED")


def plan(stage: Stage, robot: Robot) -> None:
    """Fill in and submit a plan when less than fourteen hours are planned; a person's plan counts as well."""
    drafts = [["eq", "state", "DRAFT"], ["starts", "title", TITLE]]
    for row in robot.rows("planning.plan", where=drafts, size=3):
        stage.try_(robot, "planning.plan", row, lambda row=row: _submit(robot, row))
    planned = robot.rows("planning.planline", sort="-end_at", size=1)
    until = moment(planned[0]["end_at"]) if planned else None
    if until and until > stage.now + AHEAD:
        return
    items = robot.rows("catalog.item", where=[["eq", "mode", "MAKE"]], size=1)
    centres = robot.rows("catalog.workcentre", size=1)
    if items and centres:
        stage.act(robot, lambda: _fill(stage, robot, items[0], centres[0], until))


def _submit(robot: Robot, row: Row) -> str:
    robot.act(f"planning.plan/{row['id']}/submit/")
    return f"提交计划 / submits {row['number']}"


def _fill(stage: Stage, robot: Robot, item: Row, centre: Row, until: dt.datetime | None) -> str:
    hour = stage.now.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    start = max(hour, until or hour)
    lines: list[Row] = []
    for index in range(SHIFTS):
        begin = start + dt.timedelta(hours=SHIFT_HOURS * index)
        rate = UNITS_PER_HOUR + int(chance(begin.isoformat(), "rate") * 9) - 4
        lines.append(
            {
                "item": item["id"],
                "work_centre": centre["id"],
                "quantity": str(rate * SHIFT_HOURS),
                "start_at": begin.isoformat(),
                "end_at": (begin + dt.timedelta(hours=SHIFT_HOURS)).isoformat(),
            }
        )
    plant = key_of(centre["plant"])
    for line in lines:
        robot.act("planning.demand/", _ordered(plant, line))
    title = f"{TITLE} {start.astimezone(stage.zone):%m-%d %H:%M}"
    made = robot.act("planning.plan/", {"plant": plant, "title": title, "lines": lines})
    robot.act(f"planning.plan/{made['id']}/submit/")
    return f"新计划并提交 / plans and submits {title}"


def _ordered(plant: str, line: Row) -> Row:
    return {
        "customer": CUSTOMER,
        "plant": plant,
        "item": line["item"],
        "quantity": f"{Decimal(line['quantity']) * ORDERED:f}",
        "due_at": (dt.datetime.fromisoformat(line["end_at"]) + FETCHED_AFTER).isoformat(),
    }


def approve(stage: Stage, robot: Robot) -> None:
    """Approve the robot's plans after a few minutes; people's plans are for people."""
    waiting = [["eq", "state", "SUBMITTED"], ["starts", "title", TITLE]]
    numbers = [row["number"] for row in robot.rows("planning.plan", where=waiting, size=10)]
    if not numbers:
        return
    mine = [["eq", "state", "open"], ["eq", "person", robot.user_id], ["in", "title", numbers]]
    for row in robot.rows("workflows.task", where=mine, size=10):
        opened = moment(row["opened_at"])
        if opened and opened + minutes(4, 12, row["title"]) <= stage.now:
            stage.try_(robot, "workflows.task", row, lambda row=row: _agree(robot, row))


def _agree(robot: Robot, row: Row) -> str:
    robot.act(f"workflows.task/{row['id']}/approve/", {"comment": "同意"})
    return f"审批通过 / approves {row['title']}"


def release(stage: Stage, robot: Robot) -> None:
    """Release the proposals of the next ten hours."""
    until = (stage.now + CALLED).isoformat()
    draft = [["eq", "state", "DRAFT"], ["le", "window_end", until]]
    for row in robot.rows("supply.calloff", where=draft, sort="window_end", size=12):
        stage.try_(robot, "supply.calloff", row, lambda row=row: _release(robot, row))


def _release(robot: Robot, row: Row) -> str:
    robot.act(f"supply.calloff/{row['id']}/release/")
    return f"下达叫料 / releases {row['number']} {row['item_code']}"


def rescue(stage: Stage, robot: Robot) -> None:
    """Call in an emergency what runs out soon with nothing on the way in time."""
    danger = [["le", "stock_out_at", (stage.now + DANGER).isoformat()]]
    rows = robot.rows("supply.linecover", where=danger, sort="stock_out_at", size=5)
    if not rows:
        return
    calls = robot.rows("supply.calloff", where=[["eq", "kind", "EMERGENCY"]], sort="-window_end", size=30)
    called = {key_of(row["item"]) for row in calls if row["state"] not in ENDED}
    for row in rows:
        if key_of(row["item"]) not in called:
            stage.act(robot, lambda row=row: _emergency(stage, robot, row))


def _emergency(stage: Stage, robot: Robot, row: Row) -> str:
    item = key_of(row["item"])
    rules: list[Any] = robot.rows("catalog.sourcingrule", where=[["eq", "item", item]], size=1)
    if not rules:
        return ""
    pack = int(float(rules[0]["pack_quantity"]))
    burn = float(row["burn_per_hour"] or 0) or pack
    quantity = -(-int(burn * 3) // pack) * pack
    end = stage.now + NEEDED_IN
    robot.act(
        "do/supply.calloff.emergency/",
        {
            "item": item,
            "supplier": key_of(rules[0]["supplier"]),
            "area": key_of(row["area"]),
            "dock": key_of(rules[0]["dock"]),
            "quantity": str(max(quantity, pack)),
            "window_start": stage.now.isoformat(),
            "window_end": end.isoformat(),
            "reason": "线边即将断料",
        },
    )
    return f"紧急叫料 / emergency call {row['item'].get('label', '')} × {quantity}"
