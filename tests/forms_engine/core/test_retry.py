"""A deadlock is nobody's error message: the door rolls back and does the whole thing again."""

import threading
import time

import pytest
from django.db import connections

from forms_engine.core.run import action_run
from jit.catalog.models import BomLine
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_call_caught_in_a_deadlock_is_done_again(admin):
    item, part = factories.item("A"), factories.item("B")
    raw = {"item": "A", "lines": [{"component": "B", "quantity_per": "1"}]}
    bom = action_run(actor=admin, key="test.bom.create", raw=raw).record_id
    line = BomLine.objects.get(bom_id=bom)
    answers = []

    def work():
        lines = {"lines": [{"id": str(line.pk), "quantity_per": "5"}]}
        try:
            answers.append(action_run(actor=admin, key="test.bom.update", record=bom, raw=lines))
        finally:
            connections.close_all()

    door = threading.Thread(target=work)
    with connections["owner"].cursor() as other:
        other.execute("BEGIN")
        other.execute("SET LOCAL lock_timeout = '10s'")
        other.execute("SELECT 1 FROM catalog_bomline WHERE id = %s FOR UPDATE", [line.pk])
        door.start()
        time.sleep(0.4)  # the door holds the document and waits for its line
        other.execute("SELECT 1 FROM catalog_bom WHERE id = %s FOR UPDATE", [bom])
        other.execute("COMMIT")
    door.join(10)
    assert len(answers) == 1
    line.refresh_from_db()
    assert (int(line.quantity_per), item.code, part.code) == (5, "A", "B")
