"""Nouns of rooms below this one, which know nothing of entities: jobs, deliveries nobody could make."""

from __future__ import annotations

from forms_engine.base.models import Job
from forms_engine.core.entity import ModelEntity, entity_register
from forms_engine.journal.models import DeadLetter

entity_register(
    ModelEntity(
        "base.job",
        model=Job,
        title="kind",
        business_key=("id",),
        search=("kind",),
        columns=("kind", "state", "done_units", "total_units", "attempts", "created_at"),
        icon="progress",
        read_only=True,
        archivable=False,
    )
)
entity_register(
    ModelEntity(
        "journal.deadletter",
        model=DeadLetter,
        title="topic",
        business_key=("id",),
        search=("topic", "subscriber", "error"),
        columns=("topic", "subscriber", "error", "alarm", "created_at", "retried_at"),
        fields=("topic", "subscriber", "error", "alarm", "retried_at"),
        icon="mail-off",
        read_only=True,
        archivable=False,
    )
)
