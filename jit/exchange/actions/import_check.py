"""Check an import without writing anything."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.text import Text as T
from jit.exchange.models import ImportBatch
from jit.exchange.services import imports


@register
class ImportCheck(Action):
    key = "exchange.importbatch.check"
    entity = "exchange.importbatch"
    label = T("Check", "校验")
    icon = "list-check"

    def available(self, *, actor, record):
        return record.state not in (ImportBatch.State.RUNNING, ImportBatch.State.UNDONE)

    def run(self, *, actor, record, values):
        job = imports.import_start(actor=actor, batch=record, dry_run=True)
        return Result(record_id=record.pk, data={"job": str(job.pk)})
