"""Every promise about the data holds on a fresh plant, and notices who breaks it behind our back."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from forms_engine.access.models import User
from forms_engine.base.invariants import invariants, invariants_broken, invariants_watch
from forms_engine.journal.models import OutboxEvent
from forms_engine.journal.sealing import seal_next
from forms_engine.notify.models import Notification
from tests.forms_engine.made_tables import add_melt, make_table

committed = pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])


def behind_our_back(*statements: str) -> None:
    """Do as somebody does who owns the database."""
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@committed
def test_all_hold_on_a_fresh_plant():
    make_table()
    add_melt("M1")
    seal_next()
    assert len(invariants()) >= 6
    assert invariants_broken(deep=True) == {}
    call_command("invariants")


@committed
@pytest.mark.parametrize(
    ("key", "sabotage"),
    [
        ("I30 walls", ["ALTER TABLE x_melt DISABLE TRIGGER takt_touch"]),
        ("I04 append-only", ["ALTER TABLE journal_rowchange DISABLE TRIGGER takt_append_only"]),
        ("I04 append-only", ["GRANT DELETE ON journal_seal TO app_rw"]),
        (
            "I13 told",
            [
                "ALTER TABLE x_melt DISABLE TRIGGER takt_journal_change",
                "UPDATE x_melt SET weight = 99",
                "ALTER TABLE x_melt ENABLE TRIGGER takt_journal_change",
            ],
        ),
        (
            "I13 hash chain",
            [
                "ALTER TABLE journal_rowchange DISABLE TRIGGER takt_append_only",
                "DELETE FROM journal_rowchange WHERE entity_table = 'x_melt'",
                "ALTER TABLE journal_rowchange ENABLE TRIGGER takt_append_only",
            ],
        ),
        (
            "I16 outbox",
            [
                "INSERT INTO journal_outboxevent (topic, record_id, payload, actor, txid, at) VALUES "
                "('a.b.c', gen_random_uuid(), '{}', '{}', 1, now() - interval '2 minutes')"
            ],
        ),
    ],
)
def test_a_broken_promise_is_reported(key: str, sabotage: list[str]):
    make_table()
    add_melt("M1", weight=5)
    while seal_next():
        pass
    behind_our_back(*sabotage)
    assert key in invariants_broken(deep=True)
    with pytest.raises(CommandError):
        call_command("invariants")


@committed
def test_a_notification_nobody_carries_is_reported(caplog):
    user = User.objects.create(username="told")
    Notification.objects.create(recipient=user, key="k", title="t")
    assert invariants_watch()["broken"]["I15 notifications"]
    assert "I15 notifications is broken" in caplog.text
    assert not OutboxEvent.objects.exists()
