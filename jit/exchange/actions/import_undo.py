"""Take an import back, as far as nobody has touched its rows since."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.text import Text as T
from jit.exchange.models import ImportBatch
from jit.exchange.services import undo


@register
class ImportUndo(Action):
    key = "exchange.importbatch.undo"
    entity = "exchange.importbatch"
    label = T("Undo", "撤销")
    icon = "arrow-back-up"
    confirm = T("Take this import back?", "确定撤销这次导入？")

    def available(self, *, actor, record):
        return record.state == ImportBatch.State.APPLIED

    def run(self, *, actor, record, values):
        done = undo.import_undo(actor=actor, batch=record)
        return Result(
            record_id=record.pk, data={"removed": done.removed, "restored": done.restored, "kept": done.kept}
        )
