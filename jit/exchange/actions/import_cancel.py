"""Stop an import that is running; nothing of it stays."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.text import Text as T
from jit.exchange.models import ImportBatch
from jit.exchange.services import imports


@register
class ImportCancel(Action):
    key = "exchange.importbatch.cancel"
    entity = "exchange.importbatch"
    label = T("Stop", "停止")
    icon = "player-stop"

    def available(self, *, actor, record):
        return record.state == ImportBatch.State.RUNNING

    def run(self, *, actor, record, values):
        imports.import_cancel(actor=actor, batch=record)
        return Result(record_id=record.pk)
