"""The nouns of watching."""

from forms_engine.alerts import models
from forms_engine.core.entity import ModelEntity, entity_register
from forms_engine.kernel.text import Text

entity_register(
    ModelEntity(
        "alerts.alertrule",
        model=models.AlertRule,
        title="key",
        business_key=("key",),
        search=("key",),
        icon="bell-cog",
        read_only=True,
        columns=("key", "type", "every_seconds", "is_active", "checked_at"),
    )
)
entity_register(
    ModelEntity(
        "alerts.alert",
        model=models.Alert,
        title="title_zh",
        business_key=("id",),
        search=("title_en", "title_zh"),
        icon="bell-ringing",
        read_only=True,
        archivable=False,
        sort=("state", "severity", "-opened_at"),
        overrides={
            "title_en": {"label": Text("What", "内容(英文)")},
            "title_zh": {"label": Text("What (Chinese)", "内容")},
        },
        columns=("title_zh", "title_en", "severity", "state", "opened_at", "acknowledged_by", "resolved_at"),
    )
)
