"""Nightly tidying of the door: old receipts, old counters of tries, files that never met a record."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings

from forms_engine.access.models import RateCounter
from forms_engine.base.scheduler import periodic
from forms_engine.core.models import Attachment, RunReceipt
from forms_engine.kernel import clock

RECEIPT_DAYS = 30  # a tablet may come back from a month offline and send what it has already sent
COUNTER_DAYS = 1
ORPHAN_HOURS = 24


@periodic("core.purge", cron="52 2 * * *")
def door_purge() -> None:
    """Delete receipts older than 30 days, counters older than a day, and files nobody bound for a day."""
    now = clock.real_now()
    RunReceipt.objects.filter(created_at__lt=now - dt.timedelta(days=RECEIPT_DAYS)).delete()
    RateCounter.objects.filter(window__lt=now - dt.timedelta(days=COUNTER_DAYS)).delete()
    orphans = Attachment.objects.filter(record_id=None, created_at__lt=now - dt.timedelta(hours=ORPHAN_HOURS))
    for pk, path in list(orphans.values_list("pk", "path")[:1000]):
        # The row first: a file without a row only takes space, a row without its file is a lie.
        if Attachment.objects.filter(pk=pk, record_id=None).delete()[0]:
            (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True)
