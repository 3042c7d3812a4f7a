"""The verbs: the only way to write. One class is button, API call, flow node and rule step at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.registry import Registry
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@dataclass(frozen=True)
class Result:
    """What an action gives back: the record it made or changed, and JSON data for the caller."""

    record_id: uuid.UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


class Action:
    """Base of every action; put one into `<app>/actions/<name>.py` with `@register`.

    Attributes:
        key: `supply.calloff.confirm`.
        entity: key of the entity it works on, None for none.
        label: the button's words.
        inputs: what it asks for.
        background: finish in a worker; the caller gets a job.
        record_needed: False for an action of the entity as a whole (import, plan run).
        icon: Tabler icon.
        confirm: question to ask first, None = none.
        locks: hold the record's row while running.
    """

    key: str = ""
    entity: str | None = None
    label: Text = Text("")
    inputs: Schema = Schema(())
    background: bool = False
    record_needed: bool = True
    icon: str = "player-play"
    confirm: Text | None = None
    locks: bool = True

    @property
    def verb(self) -> str:
        """The last word of the key, as in addresses."""
        if self.entity and self.key.startswith(self.entity + "."):
            return self.key[len(self.entity) + 1 :]
        return self.key.rpartition(".")[2]

    def available(self, *, actor: Actor, record: Any) -> bool:
        """Tell whether the button is shown for a record in this state; permission is asked elsewhere."""
        return True

    def unavailable(self, *, record: Any) -> MesError:
        """Return the refusal of an action that is not available for a record."""
        return Conflict(
            Text("Not possible in this state.", "当前状态下不能执行此操作。"), code="action.unavailable"
        )

    def said(self, data: Mapping[str, Any]) -> Text | None:
        """Return what the page says when it is done, from the answer's data; None = the usual words."""
        return None

    def run(self, *, actor: Actor, record: Any, values: Mapping[str, Any]) -> Any:
        """Do it: one service call. Returns a Model, `Result`, dict or None.

        Args:
            record: the locked record: model instance of a typed entity, {field: value} of an admin-made one.
            values: cleaned inputs by name; a reference is the id of its record.
        """
        raise NotImplementedError(self.key)


actions: Registry[Action] = Registry("action", folder="actions")
register = actions.register


def actions_of(entity_key: str) -> list[Action]:
    """Return the registered actions of an entity, by key."""
    return [action for action in actions if action.entity == entity_key]
