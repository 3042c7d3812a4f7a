"""The life of an alert: opened once per cause, kept true while it stands, resolved when it is gone."""

from datetime import timedelta

import pytest

from forms_engine.access import services as access
from forms_engine.access.actor import user_actor
from forms_engine.alerts import services
from forms_engine.alerts.base import alert_types
from forms_engine.alerts.models import Alert, AlertRule
from forms_engine.alerts.tasks import alerts_look
from forms_engine.core.run import action_run
from forms_engine.journal.delivery import outbox_drain
from forms_engine.journal.models import OutboxEvent
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.registry import UnknownKey
from forms_engine.notify.selectors import notification_unread_count
from jit.supply.models import LineCover
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
NOW = make.at(8)


@pytest.fixture(autouse=True)
def at_eight():
    clock.set(NOW)
    yield
    clock.set(None)


@pytest.fixture
def planner():
    access.role_define(actor=make.system(), key="planner", label="planner")
    access.grants_set(
        actor=make.system(), role="planner", grants=[{"entity": "alerts.alert", "actions": ["*"]}]
    )
    return access.user_create(actor=make.system(), username="ping", roles=["planner"])


@pytest.fixture
def rule(planner):
    return services.alert_rule_define(
        actor=make.system(),
        key="line_runs_out",
        type="supply.stock_out",
        title={"en": "Line runs out", "zh": "线边断料"},
        options={"within_minutes": 120, "red_minutes": 60},
        roles=["planner"],
        every_seconds=60,
    )


@pytest.fixture
def cover():
    """X lasts until 09:38 at the line: 98 minutes from now."""
    built = make.f0()
    return LineCover.objects.create(
        item=built.part, area=built.line_side, stock=200, stock_out_at=make.at(9, 38), computed_at=NOW
    )


def look(rule, minutes=0):
    counts = services.alerts_sync(rule=rule, now=NOW + timedelta(minutes=minutes))
    outbox_drain()
    return counts


def test_one_cause_is_one_alert_and_one_bell(rule, cover, planner):
    assert look(rule) == {"opened": 1, "kept": 0, "resolved": 0}
    assert look(rule) == {"opened": 0, "kept": 1, "resolved": 0}
    alert = Alert.objects.get()
    assert (alert.cause, alert.state, alert.severity) == ("X@L1-A", "OPEN", 2)
    assert alert.title_en == "X at L1-A: stock-out in 98 min"
    assert alert.title_zh == "L1-A 的 X：98 分钟后断料"
    assert notification_unread_count(user_id=planner.pk) == 1
    assert OutboxEvent.objects.filter(topic="alerts.alert.opened", record_id=alert.pk).count() == 1


def test_its_words_stay_true_without_a_second_bell(rule, cover, planner):
    look(rule)
    look(rule, minutes=49)
    alert = Alert.objects.get()
    assert alert.title_en == "X at L1-A: stock-out in 49 min"
    assert alert.severity == 1  # below an hour it is red
    assert alert.opened_at == NOW
    assert notification_unread_count(user_id=planner.pk) == 1


def test_what_is_gone_is_resolved_and_may_come_again(rule, cover):
    look(rule)
    cover.stock_out_at = None
    cover.save()
    assert look(rule, minutes=5) == {"opened": 0, "kept": 0, "resolved": 1}
    first = Alert.objects.get()
    assert (first.state, first.resolved_at) == ("RESOLVED", NOW + timedelta(minutes=5))
    cover.stock_out_at = make.at(9, 38)
    cover.save()
    assert look(rule, minutes=6)["opened"] == 1
    assert sorted(Alert.objects.values_list("state", flat=True)) == ["OPEN", "RESOLVED"]


def test_somebody_takes_it_once_and_it_stays_taken(rule, cover, planner):
    look(rule)
    alert = Alert.objects.get()
    actor = user_actor(planner)
    action_run(actor=actor, key="alerts.alert.acknowledge", record=alert.pk, raw={})
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_at) == ("ACKNOWLEDGED", NOW)
    assert alert.acknowledged_by == actor.name
    assert look(rule) == {"opened": 0, "kept": 1, "resolved": 0}
    alert.refresh_from_db()
    assert alert.state == "ACKNOWLEDGED"
    with pytest.raises(Conflict):
        services.alert_acknowledge(actor=actor, alert=alert)


def test_a_stranger_may_not_take_it(rule, cover):
    look(rule)
    stranger = access.user_create(actor=make.system(), username="stranger", roles=[])
    with pytest.raises(MesError):
        action_run(
            actor=user_actor(stranger),
            key="alerts.alert.acknowledge",
            record=Alert.objects.get().pk,
            raw={},
        )
    assert Alert.objects.get().state == "OPEN"


def test_a_rule_looks_when_its_turn_has_come_and_not_while_it_rests(rule, cover):
    alerts_look()
    assert AlertRule.objects.get().checked_at == NOW
    clock.set(NOW + timedelta(seconds=59))
    alerts_look()
    assert AlertRule.objects.get().checked_at == NOW
    clock.set(NOW + timedelta(seconds=60))
    alerts_look()
    assert AlertRule.objects.get().checked_at == NOW + timedelta(seconds=60)
    AlertRule.objects.update(is_active=False)
    clock.set(NOW + timedelta(minutes=5))
    alerts_look()
    assert AlertRule.objects.get().checked_at == NOW + timedelta(seconds=60)


def test_an_unknown_type_is_no_rule():
    with pytest.raises(UnknownKey):
        services.alert_rule_define(
            actor=make.system(), key="k", type="no.such_type", title={}, options={}, roles=[]
        )
    assert "supply.stock_out" in {kind.key for kind in alert_types}
