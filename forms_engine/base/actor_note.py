"""What is written down about an actor: enough to show and to act again in the same name later."""

from __future__ import annotations

from typing import Any

_NOTED = ("kind", "id", "name", "user_id", "supplier_id", "language")


def actor_note(actor: Any) -> dict[str, Any]:
    """Return JSON about an `access.Actor` (any object with those attributes); {} for None."""
    if actor is None:
        return {}
    values = {name: getattr(actor, name, None) for name in _NOTED}
    return {name: str(value) for name, value in values.items() if value is not None}
