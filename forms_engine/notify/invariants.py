"""Promises of this room."""

from __future__ import annotations

from forms_engine.base import db
from forms_engine.base.invariants import invariant
from forms_engine.kernel.text import Text


@invariant("I15 notifications", Text("Nobody was left untold", "没有漏发的通知"))
def people_untold() -> list[str]:
    """Each notification has a delivery that arrived, failed with a reason, or is still on its way."""
    with db.connection().cursor() as cursor:
        cursor.execute(
            "SELECT n.id FROM notify_notification n WHERE NOT EXISTS "
            "(SELECT 1 FROM notify_delivery d WHERE d.notification_id = n.id) LIMIT 20"
        )
        return [f"notification {row[0]} has no delivery" for row in cursor.fetchall()]
