"""The nouns of exchange: imports. Their rows are made by uploading a file, never by a form."""

from forms_engine.core.entity import ModelEntity, entity_register
from jit.exchange import models

entity_register(
    ModelEntity(
        "exchange.importbatch",
        model=models.ImportBatch,
        title="number",
        business_key=("number",),
        search=("number", "file_name"),
        icon="file-import",
        read_only=True,
        archivable=False,
        fields=(
            "number",
            "target",
            "file_name",
            "sheet",
            "header_row",
            "encoding",
            "delimiter",
            "decimal_comma",
            "zone",
            "stop_on_error",
            "state",
            "is_dry_run",
            "rows_in",
            "created_rows",
            "updated_rows",
            "unchanged_rows",
            "rejected_rows",
            "error",
            "applied_at",
            "undone_at",
        ),
        columns=(
            "number",
            "target",
            "file_name",
            "state",
            "rows_in",
            "created_rows",
            "updated_rows",
            "unchanged_rows",
            "rejected_rows",
            "applied_at",
        ),
    )
)
