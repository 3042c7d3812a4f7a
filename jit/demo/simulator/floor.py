"""The plant's own floor: the dock receives what arrives, the line reports what it made."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from jit.demo.simulator.chance import chance, key_of, minutes, moment, number, plain
from jit.demo.simulator.client import Robot, Row
from jit.demo.simulator.stage import Stage

ONE = Decimal(1)
BATCH, MOST = 5, 60
SHORT = 0.94
STORE = "CK"
#: Bulk goods the shift fetches by itself: item code → (supplier, below this, so many).
BULK = {"LS-M6": ("HL", 15_000, 60_000), "ZX-700": ("RF", 800, 3_000)}


def receive(stage: Stage, robot: Robot) -> None:
    """Let trucks in at their time and count what they bring; one in sixteen brings too little."""
    coming = ["in", "state", ["DEPARTED", "ARRIVED"]]
    for row in robot.rows("supply.shipment", where=[coming], sort="arrives_at", size=20):
        eta, here = moment(row["arrives_at"]), moment(row["arrived_at"])
        if row["state"] == "DEPARTED" and eta and eta + minutes(-5, 10, row["number"]) <= stage.now:
            stage.try_(robot, "supply.shipment", row, lambda row=row: _arrive(robot, row))
        elif row["state"] == "ARRIVED" and here and here + minutes(8, 20, row["number"]) <= stage.now:
            stage.try_(robot, "supply.shipment", row, lambda row=row: _count(robot, row))


def _arrive(robot: Robot, row: Row) -> str:
    robot.act(f"supply.shipment/{row['id']}/arrive/")
    return f"到厂 / at the gate {row['number']} {row['plate']}"


def _count(robot: Robot, row: Row) -> str:
    values: Row = {}
    if chance(row["number"], "count") >= SHORT:
        line = robot.read(f"supply.shipment/{row['id']}/")["lines"][0]
        found = max(Decimal(0), number(line["quantity"]) - ONE)
        values = {
            "counted": [{"id": line["id"], "received_quantity": plain(found)}],
            "remark": "箱内缺件，已通知供应商",
        }
    done = robot.act(f"supply.shipment/{row['id']}/receive/", values)
    return f"收货 / received {row['number']} {done.get('state', '')}"


def fetch_bulk(stage: Stage, robot: Robot) -> None:
    """Receive bulk goods that are called by telephone when the store runs low."""
    items = {row["code"]: row["id"] for row in robot.rows("catalog.item", size=50)}
    makers = {row["code"]: row["id"] for row in robot.rows("catalog.supplier", size=50)}
    docks = robot.rows("catalog.location", where=[["eq", "kind", "DOCK"]], sort="code", size=5)
    for code, (maker, least, lot) in BULK.items():
        if code not in items or maker not in makers or not docks:
            continue
        held = robot.rows("stock.balance", where=[["eq", "item", items[code]]], size=50)
        here = sum(number(row["quantity"]) for row in held if row["location"]["label"] == STORE)
        if here < least:
            values = {"item": items[code], "supplier": makers[maker], "dock": docks[0]["id"]}
            values |= {"quantity": str(lot), "remark": "电话补货"}
            stage.act(robot, lambda v=values, c=code: _bulk(robot, c, v))


def _bulk(robot: Robot, code: str, values: Row) -> str:
    robot.act("do/supply.receipt.unannounced/", values)
    return f"散件收货 / bulk received {code} × {values['quantity']}"


def report(stage: Stage, robot: Robot) -> None:
    """Keep the running order in step with the clock, and start the next one when it is its turn."""
    live = ["in", "state", ["RELEASED", "STARTED"]]
    due = ["le", "planned_start", stage.now.isoformat()]
    busy: set[str] = set()
    for row in robot.rows("shopfloor.workorder", where=[live, due], sort="planned_start", size=10):
        centre = key_of(row["work_centre"])
        if centre in busy:
            continue
        busy.add(centre)
        stage.try_(robot, "shopfloor.workorder", row, lambda row=row: _work(stage, robot, row))


def _work(stage: Stage, robot: Robot, row: Row) -> str:
    path = f"shopfloor.workorder/{row['id']}"
    if row["state"] == "RELEASED":
        robot.act(f"{path}/start/")
        return f"开工 / starts {row['number']}"
    begin, end = moment(row["planned_start"]), moment(row["planned_end"])
    if begin is None or end is None:
        return ""
    share = min(1.0, (stage.now - begin) / max(end - begin, minutes(1, 1)))
    done = number(row["good_quantity"]) + number(row["scrap_quantity"])
    whole = number(row["quantity"])
    todo = min((whole * Decimal(str(share))).to_integral_value(ROUND_FLOOR) - done, Decimal(MOST))
    if done >= whole:
        robot.act(f"{path}/finish/")
        return f"完工 / finishes {row['number']}"
    if todo < min(Decimal(BATCH), whole - done):
        return ""
    scrap = ONE if chance(row["number"], done, "scrap") > 0.85 and todo > 1 else Decimal(0)
    values = {"good": plain(todo - scrap), "scrap": plain(scrap)}
    robot.act(f"{path}/report/", values | ({"scrap_reason": "外观不良"} if scrap else {}))
    return f"报工 / reports {row['number']}: {plain(todo - scrap)} + {plain(scrap)}"
