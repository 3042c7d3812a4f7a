"""The nouns of stock."""

from forms_engine.core.entity import ModelEntity, entity_register
from jit.stock import models

entity_register(
    ModelEntity(
        "stock.lot",
        model=models.Lot,
        scope="supplier",
        business_key=("item", "code"),
        search=("code",),
        icon="stack-2",
        columns=("item", "code", "supplier", "status", "made_on", "expires_at"),
    )
)
entity_register(
    ModelEntity(
        "stock.handlingunit",
        model=models.HandlingUnit,
        scope="supplier",
        search=("code", "lot_code"),
        icon="package",
        read_only=True,
        archivable=False,
        columns=("code", "item", "quantity", "lot_code", "state", "location", "received_at"),
    )
)
entity_register(
    ModelEntity(
        "stock.balance",
        model=models.Balance,
        title="id",
        business_key=("item", "location", "lot"),
        icon="scale",
        read_only=True,
        archivable=False,
        sort=("item",),
        fields=("item", "location", "lot", "owner", "quantity", "reserved"),
        columns=("item", "location", "lot", "quantity", "reserved"),
    )
)
entity_register(
    ModelEntity(
        "stock.variance",
        model=models.Variance,
        title="document",
        icon="alert-triangle",
        read_only=True,
        business_key=("id",),
        archivable=False,
        columns=("item", "location", "quantity", "state", "document", "occurred_at"),
    )
)
