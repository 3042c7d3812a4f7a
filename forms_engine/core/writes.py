"""The door's last statement: the row, its event and the receipt in one round trip."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from psycopg.types.json import Jsonb

from forms_engine.access.actor import Actor
from forms_engine.base.actor_note import actor_note
from forms_engine.base.poke import poke_on_commit
from forms_engine.base.sql import execute
from forms_engine.core.entity import Entity
from forms_engine.core.events import record_event
from forms_engine.core.receipts import COMPLETE, Receipt
from forms_engine.core.store import Row, insert_text, update_text
from forms_engine.journal.services import DELIVER_TASK, event_publish
from forms_engine.journal.subscription import subscribers_of

_EVENT = (
    "INSERT INTO journal_outboxevent (topic, record_id, payload, actor, txid, fanned) "
    "VALUES (%s, %s, %s::jsonb, %s::jsonb, pg_current_xact_id()::text::bigint, %s)"
)

Answer = Callable[[uuid.UUID], Any]


class Write:
    """Gathers what one run of the door writes last. The first row takes event and receipt along with it."""

    def __init__(self, actor: Actor, receipt: Receipt | None, answer: Answer) -> None:
        self._actor = actor
        self._receipt = receipt
        self._answer = answer
        self.receipt_done = receipt is None

    def insert(self, entity: Entity, row: Row, *, changed: tuple[str, ...]) -> None:
        """Insert a record with its event `<entity>.created`."""
        text = insert_text(entity, row)
        self._run(text, list(row.values()), entity, row["id"], "created", changed)

    def update(
        self, entity: Entity, pk: uuid.UUID, row: Row, *, changed: tuple[str, ...], verb: str = "updated"
    ) -> None:
        """Change a record with its event."""
        self._run(update_text(entity, row), [*row.values(), pk], entity, pk, verb, changed)

    def event(self, entity: Entity, pk: uuid.UUID, verb: str, *, changed: tuple[str, ...]) -> None:
        """Publish the event alone (a service wrote the row, or only child rows changed)."""
        event = record_event(f"{entity.key}.{verb}", pk, entity=entity.key, changed=changed)
        if event is not None:
            event_publish(event, actor=self._actor)

    def _run(
        self,
        text: str,
        params: list[Any],
        entity: Entity,
        pk: uuid.UUID,
        verb: str,
        changed: tuple[str, ...],
    ) -> None:
        event = record_event(f"{entity.key}.{verb}", pk, entity=entity.key, changed=changed)
        parts = [f"w AS ({text})"]
        if event is not None:
            listened = bool(subscribers_of(event.topic))
            parts.append(f"o AS ({_EVENT})")
            payload = json.dumps(event.payload(), ensure_ascii=False)
            params += [event.topic, pk, payload, self._note(), not listened]
            if listened:
                poke_on_commit(DELIVER_TASK)
        if self._receipt is not None and not self.receipt_done:
            parts.append(f"c AS ({COMPLETE})")
            params += [pk, Jsonb(self._answer(pk)), self._receipt.id]
            self.receipt_done = True
        if len(parts) == 1:
            execute(text, params)
        else:
            execute(f"WITH {', '.join(parts)} SELECT 1", params)

    def _note(self) -> str:
        return json.dumps(actor_note(self._actor), ensure_ascii=False)
