"""The life of alerts: open what is new, keep what stands, resolve what is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.alerts.base import Violation, alert_types
from forms_engine.alerts.events import AlertOpened
from forms_engine.alerts.models import Alert, AlertRule
from forms_engine.base import db
from forms_engine.core.pushing import push_on_commit
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict
from forms_engine.kernel.text import Text
from forms_engine.notify.services import notify

TOPIC = "alerts.alert"


def alert_rule_define(
    *,
    actor: Any,
    key: str,
    type: str,
    title: Mapping[str, str],
    options: Mapping[str, Any],
    roles: Sequence[str],
    every_seconds: int = 60,
    is_active: bool = True,
) -> AlertRule:
    """Make or change a watch. Raises: UnknownKey for an unknown type."""
    alert_types.get(type)
    row, _ = AlertRule.objects.update_or_create(
        key=key,
        defaults={
            "type": type,
            "title": dict(title),
            "options": dict(options),
            "roles": list(roles),
            "every_seconds": every_seconds,
            "is_active": is_active,
            "archived_at": None,
        },
    )
    return row


def alerts_sync(*, rule: AlertRule, now: datetime) -> dict[str, int]:
    """Look once and bring the rule's alerts in line; returns counts of opened, kept and resolved."""
    actor = Actor.system("alerts")
    found = {
        violation.key[:200]: violation for violation in alert_types.get(rule.type).find(rule.options, now)
    }
    with db.atomic():
        AlertRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
        living = {
            row.cause: row for row in Alert.objects.filter(rule=rule).exclude(state=Alert.State.RESOLVED)
        }
        fresh = [_opened(rule, violation, now) for key, violation in found.items() if key not in living]
        Alert.objects.bulk_create(fresh)
        gone = [row.pk for cause, row in living.items() if cause not in found]
        Alert.objects.filter(pk__in=gone).update(state=Alert.State.RESOLVED, resolved_at=now)
        changed = _reworded(living, found)
        AlertRule.objects.filter(pk=rule.pk).update(checked_at=now)
        for row in fresh:
            event_publish(
                AlertOpened(record_id=row.pk, rule=rule.key, cause=row.cause, severity=row.severity),
                actor=actor,
            )
            for role in rule.roles:
                notify(
                    to=role,
                    title=Text(row.title_en, row.title_zh),
                    link=row.link,
                    key=f"alert:{row.pk}",
                    channels=("in_app",),
                    actor=actor,
                )
        if fresh or gone or changed:
            push_on_commit([TOPIC])
    return {"opened": len(fresh), "kept": len(living) - len(gone), "resolved": len(gone)}


def _opened(rule: AlertRule, violation: Violation, now: datetime) -> Alert:
    return Alert(
        rule=rule,
        cause=violation.key[:200],
        severity=violation.severity,
        title_en=violation.title.in_language("en")[:300],
        title_zh=violation.title.in_language("zh-hans")[:300],
        link=violation.link[:300],
        opened_at=violation.since or now,
    )


def _reworded(living: Mapping[str, Alert], found: Mapping[str, Violation]) -> int:
    """Keep the words of standing alerts true ("stock-out in 49 min"), without a new bell."""
    changed = []
    for cause, row in living.items():
        violation = found.get(cause)
        if violation is None:
            continue
        words = (violation.title.in_language("en")[:300], violation.title.in_language("zh-hans")[:300])
        if (row.title_en, row.title_zh, row.severity) != (*words, violation.severity):
            row.title_en, row.title_zh, row.severity = *words, violation.severity
            changed.append(row)
    Alert.objects.bulk_update(changed, ["title_en", "title_zh", "severity"])
    return len(changed)


def alert_acknowledge(*, actor: Any, alert: Alert) -> Alert:
    """Somebody has seen it and acts. Raises: Conflict when it is not open any more."""
    with db.atomic():
        row = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
        if row.state != Alert.State.OPEN:
            raise Conflict(Text("This alert is not open any more.", "该预警已不是未处理状态。"))
        row.state, row.acknowledged_at, row.acknowledged_by = (
            Alert.State.ACKNOWLEDGED,
            clock.now(),
            actor.name,
        )
        row.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
        push_on_commit([TOPIC])
    return row
