"""Import the rows of a file."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.text import Text as T
from jit.exchange.models import ImportBatch
from jit.exchange.services import imports


@register
class ImportApply(Action):
    key = "exchange.importbatch.apply"
    entity = "exchange.importbatch"
    label = T("Import", "导入")
    icon = "file-import"

    def available(self, *, actor, record):
        return record.state not in (ImportBatch.State.RUNNING, ImportBatch.State.UNDONE)

    def run(self, *, actor, record, values):
        job = imports.import_start(actor=actor, batch=record, dry_run=False)
        return Result(record_id=record.pk, data={"job": str(job.pk)})
