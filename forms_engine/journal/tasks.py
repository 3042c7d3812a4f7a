"""Workers of the journal: deliver when poked, look for lost pokes, seal, forget old deliveries."""

from __future__ import annotations

from celery import shared_task

from forms_engine.base import db
from forms_engine.base.poke import poke
from forms_engine.base.scheduler import periodic
from forms_engine.journal import delivery, sealing, selectors, services

HELP_AFTER_SECONDS = 3  # workers may all be busy with long jobs; boards must not wait for those
KEEP_DAYS = 30


@shared_task(name=services.DELIVER_TASK, ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def deliver() -> int:
    """Deliver what is due; returns how many deliveries were made."""
    return delivery.deliver_all()


@periodic("journal.sweep", seconds=2, sweep=True)
def sweep() -> None:
    """Poke for work whose poke was lost; where no worker answers, deliver here."""
    age = selectors.outbox_age_seconds()
    if age > HELP_AFTER_SECONDS:
        delivery.deliver_all(seconds=5)
    elif age > 1:
        poke(services.DELIVER_TASK)


@periodic("journal.seal", seconds=30, sweep=True)
def seal() -> None:
    """Chain what was written since the last time."""
    while sealing.seal_next() >= sealing.BATCH_ROWS:
        pass


@periodic("journal.purge", cron="41 2 * * *")
def purge() -> None:
    """Forget deliveries that were done a month ago, and events without any."""
    with db.atomic(), db.connection().cursor() as cursor:
        cursor.execute(
            "DELETE FROM journal_delivery WHERE state = 'DONE' "
            "AND done_at < now() - make_interval(days => %s)",
            [KEEP_DAYS],
        )
        cursor.execute(
            "DELETE FROM journal_outboxevent e WHERE fanned AND at < now() - make_interval(days => %s) "
            "AND NOT EXISTS (SELECT 1 FROM journal_delivery d WHERE d.event_id = e.id)",
            [KEEP_DAYS],
        )
