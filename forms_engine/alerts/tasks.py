"""Look at every watch whose turn it is."""

from __future__ import annotations

from datetime import timedelta

from forms_engine.alerts.models import AlertRule
from forms_engine.alerts.services import alerts_sync
from forms_engine.base.scheduler import periodic
from forms_engine.kernel import clock


@periodic("alerts.look", seconds=10)
def alerts_look() -> None:
    """Sync the rules that are due."""
    now = clock.now()
    for rule in AlertRule.objects.filter(is_active=True, archived_at=None).order_by("key"):
        if rule.checked_at is None or rule.checked_at + timedelta(seconds=rule.every_seconds) <= now:
            alerts_sync(rule=rule, now=now)
