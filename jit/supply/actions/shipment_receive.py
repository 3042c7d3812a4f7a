"""The dock counts a shipment; stock is posted as counted."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.errors import ErrorList, FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Location
from jit.supply.models import ReceiptLine
from jit.supply.selectors import RECEIVABLE
from jit.supply.services import receipt

BLOCKED = Schema(
    (
        FieldSpec(
            "line",
            "reference",
            T("Line", "行"),
            required=True,
            options={"target": "supply.shipmentline"},
        ),
        FieldSpec("quantity", "quantity", T("Quantity", "数量"), required=True),
        FieldSpec(
            "reason",
            "choice",
            T("Why", "原因"),
            required=True,
            options={"choices": [{"value": one.value, "label": one.label} for one in ReceiptLine.Blocked]},
        ),
    )
)


@register
class ShipmentReceive(Action):
    key = "supply.shipment.receive"
    entity = "supply.shipment"
    label = T("Receive", "收货")
    icon = "package-import"
    inputs = Schema(
        (
            FieldSpec("dock", "reference", T("Dock", "码头"), options={"target": "catalog.location"}),
            FieldSpec(
                "counted",
                "table",
                T("Counted", "实收明细"),
                options={"entity": "supply.shipmentline", "fk": "shipment"},
            ),
            FieldSpec(
                "blocked",
                "table",
                T("Of it not good", "其中不合格"),
                options={"fields": BLOCKED.dump()["fields"]},
            ),
            FieldSpec("remark", "text", T("Remark", "备注"), options={"max_length": 200}),
        )
    )

    def available(self, *, actor, record):
        return record.state in RECEIVABLE

    def run(self, *, actor, record, values):
        dock = Location.objects.get(pk=values["dock"]) if values.get("dock") else None
        made = receipt.shipment_receive(
            actor=actor,
            shipment=record,
            counted=_counted(values.get("counted") or ()),
            dock=dock,
            remark=values.get("remark") or "",
            blocked=[
                receipt.Blocked(line["line"], line["quantity"], line["reason"])
                for line in values.get("blocked") or ()
            ],
        )
        return Result(record_id=record.pk, data={"receipt": made.number, "state": str(made.state)})


def _counted(lines):
    """Return {line id: quantity}; a count needs both, zero or more. Raises: ErrorList, by line."""
    errors = [
        FieldError(f"counted.{index}.{name}", "value.required", T("Please fill this in.", "必填。"))
        for index, line in enumerate(lines)
        for name in ("id", "received_quantity")
        if line.get(name) is None
    ]
    errors += [
        FieldError(
            f"counted.{index}.received_quantity",
            "number.range",
            T("A count is zero or more.", "实收数量不能为负。"),
        )
        for index, line in enumerate(lines)
        if (line.get("received_quantity") or 0) < 0
    ]
    if errors:
        raise ErrorList(errors)
    return {line["id"]: line["received_quantity"] for line in lines}
