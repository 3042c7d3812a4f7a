"""The ledger keeps its promises (I1 to I5), each shown and each check sabotaged once."""

from __future__ import annotations

import contextlib
import threading
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connections

from forms_engine.base import db
from forms_engine.journal.models import OutboxEvent
from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id
from jit.catalog.models import Location
from jit.stock.models import Balance, Lot, Posting, StockMove
from jit.stock.selectors import ledger_violations, lots_for_use, stock_at
from jit.stock.services import (
    AlreadyReversed,
    Line,
    PostingUnbalanced,
    StockShort,
    move_post,
    pair,
    posting_reverse,
    stock_release,
    stock_reserve,
    stock_transfer,
)
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def shelf():
    """Fifty pieces of X in the store, and an empty line side."""
    thing = make.item("X")
    store, side = make.location("STORE"), make.location("L1", Location.Kind.LINE_SIDE)
    make.stock(thing, store, 50)
    return thing, store, side


def test_a_transfer_moves_stock_and_the_books_add_up(shelf):
    thing, store, side = shelf
    stock_transfer(
        actor=make.system(), item=thing, from_location=store, to_location=side, quantity=Decimal("12.5")
    )
    assert stock_at(item_id=thing.pk, location_id=store.pk) == Decimal("37.5")
    assert stock_at(item_id=thing.pk, location_id=side.pk) == Decimal("12.5")
    assert ledger_violations() == {}


def test_a_shelf_never_holds_less_than_nothing(shelf):
    thing, store, side = shelf
    with pytest.raises(StockShort) as refusal:
        stock_transfer(
            actor=make.system(), item=thing, from_location=store, to_location=side, quantity=Decimal(51)
        )
    assert "50" in refusal.value.in_language("en") and "51" in refusal.value.in_language("zh-hans")
    assert stock_at(item_id=thing.pk, location_id=store.pk) == 50
    assert StockMove.objects.filter(location=side).count() == 0


def test_a_posting_that_does_not_balance_is_refused(shelf):
    thing, store, side = shelf
    with pytest.raises(PostingUnbalanced):
        move_post(
            actor=make.system(),
            kind=Posting.Kind.TRANSFER,
            lines=[Line(thing.pk, store.pk, Decimal(-5)), Line(thing.pk, side.pk, Decimal(4))],
        )


def test_the_same_posting_twice_counts_once(shelf):
    thing, store, side = shelf
    identity = new_id()
    lines = pair(item_id=thing.pk, from_id=store.pk, to_id=side.pk, quantity=Decimal(10))
    answers = [
        move_post(actor=make.system(), kind=Posting.Kind.TRANSFER, lines=lines, posting_id=identity)
        for _ in range(3)
    ]
    assert [posted for _, posted in answers] == [True, False, False]
    assert stock_at(item_id=thing.pk, location_id=side.pk) == 10


def test_a_reversal_brings_the_same_lots_back_and_happens_once(shelf):
    thing, store, side = shelf
    lot = Lot.objects.create(item=thing, code="L-7")
    make.stock(thing, store, 8, lot)
    identity = stock_transfer(
        actor=make.system(), item=thing, from_location=store, to_location=side, quantity=Decimal(8), lot=lot
    )
    posting = Posting.objects.get(pk=identity)
    posting_reverse(actor=make.system(), posting=posting, reason="wrong place")
    assert Balance.objects.get(item=thing, location=store, lot=lot).quantity == 8
    with pytest.raises(AlreadyReversed):
        posting_reverse(actor=make.system(), posting=posting, reason="again")
    assert ledger_violations() == {}


def test_a_refusal_leaves_the_transaction_around_it_whole(shelf):
    """Whoever is refused may try less in the same transaction: nothing of the first try remains."""
    thing, store, side = shelf
    identity = new_id()
    lines = pair(item_id=thing.pk, from_id=store.pk, to_id=side.pk, quantity=Decimal(51))
    with db.atomic():
        with pytest.raises(StockShort):
            move_post(actor=make.system(), kind=Posting.Kind.TRANSFER, lines=lines, posting_id=identity)
        lines = pair(item_id=thing.pk, from_id=store.pk, to_id=side.pk, quantity=Decimal(50))
        assert move_post(
            actor=make.system(), kind=Posting.Kind.TRANSFER, lines=lines, posting_id=identity
        ) == (identity, True)
    assert stock_at(item_id=thing.pk, location_id=side.pk) == 50
    assert ledger_violations() == {}


def test_only_what_was_posted_is_told_and_only_once(shelf):
    thing, store, side = shelf
    done, refused = new_id(), new_id()
    for identity, quantity in ((done, 50), (done, 50), (refused, 1)):
        with contextlib.suppress(StockShort):
            stock_transfer(
                actor=make.system(),
                item=thing,
                from_location=store,
                to_location=side,
                quantity=Decimal(quantity),
                posting_id=identity,
            )
    told = OutboxEvent.objects.filter(topic="stock.posting.posted", record_id__in=[done, refused])
    assert [event.record_id for event in told] == [done]
    assert told[0].payload["items"] == [str(thing.pk)]


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_two_hands_reverse_a_posting_and_one_is_told_it_was_done():
    thing = make.item("X")
    store, side = make.location("STORE"), make.location("L1", Location.Kind.LINE_SIDE)
    make.stock(thing, store, 50)
    identity = stock_transfer(
        actor=make.system(), item=thing, from_location=store, to_location=side, quantity=Decimal(8)
    )
    back = pair(item_id=thing.pk, from_id=side.pk, to_id=store.pk, quantity=Decimal(8))
    answers: list[str] = []
    first_posted, second_started = threading.Event(), threading.Event()

    def reverse() -> None:
        move_post(actor=make.system(), kind=Posting.Kind.REVERSAL, lines=back, reverses_id=identity)

    def second() -> None:
        first_posted.wait(10)
        second_started.set()
        try:
            reverse()  # waits for the first to commit
        except AlreadyReversed:
            answers.append("reversed")
        finally:
            connections.close_all()

    other = threading.Thread(target=second)
    other.start()
    with db.atomic():
        reverse()
        first_posted.set()
        second_started.wait(10)
        time.sleep(0.2)
    other.join()
    assert answers == ["reversed"]
    assert stock_at(item_id=thing.pk, location_id=store.pk) == 50
    assert ledger_violations() == {}


def test_reserved_stock_cannot_leave(shelf):
    thing, store, side = shelf
    claim = stock_reserve(item=thing, location=store, quantity=Decimal(30), document="SO-1")
    with pytest.raises(StockShort):
        stock_transfer(
            actor=make.system(), item=thing, from_location=store, to_location=side, quantity=Decimal(21)
        )
    with pytest.raises(StockShort):
        stock_reserve(item=thing, location=store, quantity=Decimal(21), document="SO-2")
    stock_release(reservation=claim)
    stock_transfer(
        actor=make.system(), item=thing, from_location=store, to_location=side, quantity=Decimal(50)
    )
    assert ledger_violations() == {}


def test_the_lot_that_lives_long_enough_comes_first_and_the_other_is_flagged():
    """G10: lots expiring in 20 and 60 days, rule 30 days: the second is used, the first flagged."""
    thing, store = make.item("X", min_remaining_days=30), make.location("STORE")
    now = clock.now()
    for code, days in (("A", 20), ("B", 60)):
        lot = Lot.objects.create(item=thing, code=code, expires_at=now + timedelta(days=days))
        make.stock(thing, store, 5, lot)
    found = lots_for_use(item=thing, location=store, used_at=now)
    assert [(Lot.objects.get(pk=stock.lot_id).code, stock.is_flagged) for stock in found] == [
        ("B", False),
        ("A", True),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_stockmove SET quantity = 1",
        "DELETE FROM stock_stockmove",
        "TRUNCATE stock_stockmove",
        "INSERT INTO stock_balance (id) VALUES (gen_random_uuid())",
        "UPDATE stock_balance SET quantity = 999",
        "UPDATE stock_posting SET reason = 'x'",
    ],
)
def test_nobody_but_the_posting_function_writes_the_ledger(shelf, statement):
    with pytest.raises(DatabaseError), connections["default"].cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_not_even_the_owner_rewrites_a_move(shelf):
    with pytest.raises(DatabaseError, match="append-only"), connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE stock_stockmove SET quantity = quantity")


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
@pytest.mark.parametrize(
    ("broken", "sabotage"),
    [
        ("I1", "UPDATE stock_balance SET quantity = quantity + 1 WHERE quantity > 0"),
        ("I3", "UPDATE stock_balance SET allow_negative = true"),
        ("I4", "GRANT UPDATE ON stock_stockmove TO app_rw"),
        (
            "I2",
            "ALTER TABLE stock_stockmove DISABLE TRIGGER stock_move_append_only;"
            "UPDATE stock_stockmove SET quantity = quantity + 1 WHERE quantity > 0",
        ),
    ],
)
def test_each_check_finds_what_it_is_there_for(broken, sabotage):
    thing, store = make.item("X"), make.location("STORE")
    make.stock(thing, store, 50)
    assert ledger_violations() == {}
    with connections["owner"].cursor() as cursor:
        cursor.execute(sabotage)
    assert broken in ledger_violations()


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_sixty_four_hands_take_fifty_pieces():
    """domain 3.3: exactly 50 succeed, 14 find nothing, the balance is 0 and equals the ledger."""
    thing = make.item("X")
    store, side = make.location("STORE"), make.location("L1", Location.Kind.LINE_SIDE)
    make.stock(thing, store, 50)
    results: list[str] = []

    def take() -> None:
        try:
            stock_transfer(
                actor=make.system(), item=thing, from_location=store, to_location=side, quantity=Decimal(1)
            )
            results.append("ok")
        except StockShort:
            results.append("short")
        finally:
            connections.close_all()

    gate = threading.Semaphore(8)

    def guarded() -> None:
        with gate:
            take()

    threads = [threading.Thread(target=guarded) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results.count("ok"), results.count("short")) == (50, 14)
    assert stock_at(item_id=thing.pk, location_id=store.pk) == 0
    assert ledger_violations() == {}
