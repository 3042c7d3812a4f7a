"""Workers die in the middle of their work; nothing is lost and nothing happens twice."""

from __future__ import annotations

import time

import pytest

from forms_engine.access.models import User
from forms_engine.journal.models import Delivery as OutboxDelivery
from forms_engine.journal.models import OutboxEvent
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text
from forms_engine.notify.models import Delivery, Notification
from forms_engine.notify.services import notify

pytestmark = [pytest.mark.services, pytest.mark.slow]

ASKED = 300
KILLS = 4
PATIENCE_SECONDS = 75.0  # a lease of sixty seconds may have to end first


def test_every_message_asked_for_arrives_once_though_workers_are_killed(services):
    user = User.objects.create(username=f"told-{new_id()}", email="told@plant.example")
    for number in range(ASKED):
        notify(to=[user.pk], title=Text("Hello", "你好"), key=f"n{number}", channels=("in_app",))
        if number % (ASKED // KILLS) == ASKED // KILLS - 1:
            services.kill("worker")
            services.start(("worker",))
    mine = Notification.objects.filter(recipient=user)
    sent = Delivery.objects.filter(recipient_id=user.pk, state="SENT")
    end = time.monotonic() + PATIENCE_SECONDS
    while (mine.count() < ASKED or sent.count() < ASKED) and time.monotonic() < end:
        time.sleep(0.2)
    assert (mine.count(), sent.count()) == (ASKED, ASKED)
    assert mine.values("key").distinct().count() == ASKED
    assert not OutboxEvent.objects.filter(fanned=False).exists()
    assert not OutboxDelivery.objects.exclude(state="DONE").exists()
