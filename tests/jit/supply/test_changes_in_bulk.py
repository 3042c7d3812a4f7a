"""Many sent call-offs changed at once: a version, a difference and an event each, in a few statements."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_engine.journal.models import OutboxEvent
from forms_engine.kernel.errors import MesError
from jit.supply.actions.calloff_release_all import CallOffReleaseAll
from jit.supply.models import CallOff, CallOffReply, CallOffVersion
from jit.supply.services import call_off
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def plant():
    return make.f0()


def sent(plant: make.F0, count: int, first: int = 0) -> list[CallOff]:
    """Call-offs of 200 for windows one after the other, told to the supplier."""
    rows = []
    for number in range(first, first + count):
        end = make.at(9) + (make.at(10) - make.at(9)) * number
        row = call_off.calloff_built(
            call_off.CallOffDraft(
                item=plant.part, area=plant.line_side, supplier=plant.supplier, dock=plant.dock,
                window_start=end, window_end=end, quantity=Decimal(200), pack_quantity=Decimal(50),
            ),
            f"CO-{number}",
        )  # fmt: skip
        row.save(force_insert=True)
        rows.append(call_off.calloff_release(actor=make.system(), calloff=row))
    call_off.calloff_mark_sent(calloff_ids=[row.pk for row in rows])
    return rows


def change(rows: list[CallOff], quantity: int) -> int:
    """Change all of them; returns how many statements it took."""
    with CaptureQueriesContext(connection) as asked:
        call_off.calloffs_change(
            actor=make.system(), quantities={row.pk: Decimal(quantity) for row in rows}, reason="RUN1"
        )
    return len(asked)


def test_each_gets_its_version_its_difference_and_its_event(plant):
    rows = sent(plant, 3)
    answered = rows[0]
    call_off.calloff_reply(actor=make.system(), calloff=answered, kind=CallOffReply.Kind.CONFIRM)
    quantities = {rows[0].pk: Decimal(250), rows[1].pk: Decimal(0), rows[2].pk: Decimal(200)}
    events = OutboxEvent.objects.filter(topic="supply.calloff.changed")
    before = events.count()
    call_off.calloffs_change(actor=make.system(), quantities=quantities, reason="RUN1")
    for row in rows:
        row.refresh_from_db()
    assert [(row.state, row.quantity, row.revision) for row in rows] == [
        ("RELEASED", 250, 2),
        ("CANCELLED", 0, 2),
        ("SENT", 200, 1),  # the same quantity is no change
    ]
    # The old answer stands in the replies; the new quantity asks anew.
    assert (rows[0].confirmed_quantity, rows[0].promised_at, rows[0].replied_at) == (None, None, None)
    assert (rows[0].previous_quantity, rows[0].reason) == (200, "RUN1")
    versions = CallOffVersion.objects.filter(revision=2)
    assert {row.calloff_id: int(row.delta) for row in versions} == {rows[0].pk: 50, rows[1].pk: -200}
    assert events.count() - before == 2


def test_the_statements_do_not_grow_with_the_call_offs(plant):
    few, many = sent(plant, 2), sent(plant, 40, first=2)
    assert change(many, 150) - change(few, 150) <= 1


def test_one_that_cannot_be_changed_stops_them_all(plant):
    rows = sent(plant, 3)
    CallOff.objects.filter(pk=rows[1].pk).update(packed_quantity=200, state="PACKED")
    with pytest.raises(MesError):
        change(rows, 100)
    assert set(CallOff.objects.values_list("quantity", "revision")) == {(200, 1)}
    assert not CallOffVersion.objects.filter(revision=2).exists()


def test_releasing_says_how_many_and_what_was_not():
    said = CallOffReleaseAll().said
    assert said({"released": 7, "refused": []}).in_language("zh") == "已下达 7 单。"
    assert said({"released": 0, "refused": []}).in_language("zh") == "没有待下达的建议。"
    left = said({"released": 2, "left": 3, "refused": [{"number": "CO-1", "why": "100%"}]})
    assert left.in_language("en") == "2 released, 3 not: CO-1: 100%"
