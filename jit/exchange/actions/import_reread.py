"""Read a text file in another encoding than the one that was found."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.exchange.encodings import ENCODINGS
from jit.exchange.models import ImportBatch
from jit.exchange.services import imports

CLOSED = (ImportBatch.State.RUNNING, ImportBatch.State.APPLIED, ImportBatch.State.UNDONE)


@register
class ImportReread(Action):
    key = "exchange.importbatch.reread"
    entity = "exchange.importbatch"
    label = T("Read in another encoding", "换编码重新读取")
    icon = "refresh"
    inputs = Schema(
        (
            FieldSpec(
                "encoding",
                "choice",
                T("Encoding", "编码"),
                required=True,
                options={"choices": [{"value": key, "label": name} for key, name in ENCODINGS.items()]},
            ),
        )
    )

    def available(self, *, actor, record):
        return record.encoding != "" and record.state not in CLOSED

    def run(self, *, actor, record, values):
        return imports.import_reread(actor=actor, batch=record, encoding=values["encoding"])
