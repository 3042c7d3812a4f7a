"""Sample data of the style guide: one page on which every piece of the look can be judged at once."""

import datetime as dt
from decimal import Decimal

from forms_engine.kernel import clock
from forms_engine.kernel.text import Text as T

HOURS = ("09", "10", "11", "12", "13", "14", "15")
CALLS = (200, 100, 150, 100, 150, 100, 0)
STOCK = ("77.6", "155.1", "132.7", "160.2", "137.8", "165.3", "142.9")
MOTOR_CALLS = (0, 60, 60, 0, 60, 0, 0)
MOTOR_STOCK = ("-12", "8", "28", "-2", "18", "38", "8")


def _cells(values: tuple[object, ...], frozen: int) -> list[dict[str, object]]:
    return [
        {
            "value": Decimal(str(value)),
            "short": Decimal(str(value)) < 0,
            "frozen": at < frozen,
            "edge": at == frozen - 1,
        }
        for at, value in enumerate(values)
    ]


def _board() -> dict[str, object]:
    return {
        "hours": HOURS,
        "rows": [
            {
                "code": "X-100",
                "name": T("Bracket X", "支架 X"),
                "unit": T("pcs", "件"),
                "now": Decimal(200),
                "calls": _cells(CALLS, 3),
                "stock": _cells(STOCK, 0),
                "tone": "ok",
                "risk": T("covered", "已覆盖"),
            },
            {
                "code": "Y-220",
                "name": T("Motor Y", "电机 Y"),
                "unit": T("pcs", "件"),
                "now": Decimal(40),
                "calls": _cells(MOTOR_CALLS, 3),
                "stock": _cells(MOTOR_STOCK, 0),
                "tone": "short",
                "risk": T("stop in 49 min", "49 分钟后断料"),
            },
        ],
    }


def _records(now: dt.datetime) -> list[dict[str, object]]:
    unit = T("pcs", "件")
    supplier, other = T("Hengli Metal", "恒力五金"), T("Dongsheng Motors", "东升电机")
    rows = (
        ("C-24-00118", T("Bracket X", "支架 X"), supplier, "200", 49, "ok", T("Confirmed", "已确认")),
        ("C-24-00119", T("Motor Y", "电机 Y"), other, "60", -12, "short", T("Late", "已迟")),
        ("C-24-00120", T("Bracket X", "支架 X"), supplier, "1250.5", 170, "risk", T("Unconfirmed", "未确认")),
        ("C-24-00121", T("Housing Z", "壳体 Z"), other, "96", 300, "frozen", T("Frozen", "已冻结")),
        ("C-24-00122", T("Housing Z", "壳体 Z"), other, "0.25", 1500, "idle", T("Draft", "草稿")),
    )
    return [
        {
            "number": number,
            "item": item,
            "supplier": who,
            "quantity": Decimal(quantity),
            "unit": unit,
            "due": now + dt.timedelta(minutes=minutes),
            "tone": tone,
            "state": state,
        }
        for number, item, who, quantity, minutes, tone, state in rows
    ]


def styleguide_context() -> dict[str, object]:
    """Return what `web/styleguide.html` shows; nothing in it is read from the database."""
    now = clock.now()
    return {
        "records": _records(now),
        "board": _board(),
        "steps": [
            {"label": T("Released", "已下达"), "state": "done", "note": "09:02"},
            {"label": T("Confirmed", "已确认"), "state": "done", "note": "09:05"},
            {"label": T("Shipped", "已发货"), "state": "now", "note": ""},
            {"label": T("At the dock", "到码头"), "state": "ahead", "note": ""},
            {"label": T("Received", "已收货"), "state": "ahead", "note": ""},
        ],
        "timeline": [
            {
                "who": T("Wang Fang", "王芳"),
                "what": T("confirmed", "确认"),
                "at": now - dt.timedelta(minutes=3),
                "changes": [{"label": T("Quantity", "数量"), "old": "150", "new": "200"}],
                "comment": T("Second truck at ten.", "第二车十点到。"),
            },
            {
                "who": T("Planning run", "计划运行"),
                "what": T("released", "下达"),
                "at": now - dt.timedelta(hours=2, minutes=6),
                "changes": [],
            },
        ],
        "errors": [
            {
                "field_id": "sg-quantity",
                "label": T("Quantity", "数量"),
                "message": T("More than is still open (200 pcs).", "超过未交数量（200 件）。"),
            }
        ],
        "breadcrumb": [
            {"label": T("Style guide", "样式指南"), "url": ""},
        ],
    }
