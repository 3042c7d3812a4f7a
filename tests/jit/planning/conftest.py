"""The plants that plans are made for, unless a file builds its own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from forms_engine.kernel import clock
from jit.shopfloor.services import work_order as orders
from tests import factories as make


@pytest.fixture
def plant():
    """F0 with the work order of G1."""
    built = make.f0()
    make.routing(built.product, built.work_centre, seconds=60)
    order = orders.work_order_create(
        actor=make.system(),
        item=built.product,
        work_centre=built.work_centre,
        quantity=Decimal(480),
        planned_start=make.at(8),
        planned_end=make.at(16),
    )
    built.order = orders.work_order_release(actor=make.system(), work_order=order)
    yield built
    clock.set(None)


@pytest.fixture
def store():
    """A plant with a store and no lines."""
    site = make.plant()
    site.store = make.location("STORE")
    site.save(update_fields=["store"])
    return site
