"""What the supplier's list does by itself, and for all call-offs at once."""

from __future__ import annotations

import time

import pytest

from jit.supply.models import CallOff
from tests.browser.test_portal import called, link, plant_opened

pytestmark = [pytest.mark.browser, pytest.mark.services(only=("web", "live"))]


@pytest.fixture
def plant(services):
    yield from plant_opened()


def came_about(what, page, seconds: float = 15) -> bool:
    """Say whether something in the database comes true while the page works."""
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        page.wait_for_timeout(100)
    return bool(what())


def test_an_opened_list_is_seen_and_confirmed_with_one_button(plant, phone):
    """The page says by itself that the supplier saw the calls; one tap answers all that are open."""
    rows = [called(plant, minutes) for minutes in (49, 110, 170)]
    phone.goto(link(plant))
    open_ones = CallOff.objects.filter(pk__in=[row.pk for row in rows])
    assert came_about(lambda: open_ones.filter(state="ACKED").count() == 3, phone)
    phone.get_by_role("button", name="全部确认 3").tap()
    assert came_about(lambda: open_ones.filter(state="CONFIRMED").count() == 3, phone)
    phone.wait_for_selector(f"#c{rows[2].pk} .state.sig-ok")
    assert phone.get_by_role("button", name="全部确认").count() == 0
