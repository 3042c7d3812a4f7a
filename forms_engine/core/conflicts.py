"""Two people changed one record: say which fields differ, as far as the later one may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import Entity
from forms_engine.journal.events import plain
from forms_engine.kernel.errors import Conflict
from forms_engine.kernel.text import Text


class VersionConflict(Conflict):
    """Somebody changed the record meanwhile; `params`: version and the fields that differ."""

    code = "record.version_conflict"


def version_conflict(
    actor: Actor, noun: Entity | None, row: Mapping[str, Any], raw: Mapping[str, Any]
) -> VersionConflict:
    """Return the refusal: which of the sent fields now hold something else, and what."""
    theirs: dict[str, Any] = {}
    if noun is not None:
        hidden = policy.field_rights(actor, noun).hidden
        current = noun.values_from(row)
        for name, sent in raw.items():
            if name in current and name not in hidden:
                value = current[name]
                shown = None if value is None else noun.fields[name].type.dump(value)
                if str(shown) != str(sent):
                    theirs[name] = plain(shown)
    return VersionConflict(
        Text(
            "Somebody changed this record meanwhile. Please look at it again.",
            "该记录已被他人修改，请刷新后重试。",
        ),
        params={"version": row.get("version"), "differs": theirs},
    )
