"""The dock scans one package."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Location
from jit.supply.services import receipt


@register
class PackageReceive(Action):
    key = "stock.handlingunit.receive"
    entity = "stock.handlingunit"
    label = T("Receive package", "按箱收货")
    icon = "scan"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec("code", "text", T("Licence plate", "箱码"), required=True, options={"max_length": 80}),
            FieldSpec("dock", "reference", T("Dock", "码头"), options={"target": "catalog.location"}),
        )
    )

    def run(self, *, actor, record, values):
        dock = Location.objects.get(pk=values["dock"]) if values.get("dock") else None
        unit, shipment = receipt.package_receive(actor=actor, code=values["code"], dock=dock)
        return Result(record_id=unit.pk, data={"shipment": shipment.number, "state": str(shipment.state)})
