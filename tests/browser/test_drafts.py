"""What somebody has typed outlives a lost session, and is gone once it is saved."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from forms_engine.access import policy
from forms_engine.access import services as access
from jit.catalog.models import Item
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.services(only=("web", "live"))]
PASSWORD = "long-enough-1"


def test_a_draft_outlives_a_lost_session(services, new_page):
    policy.cache_forget()
    unit = make.item("OLD-1").unit
    access.user_create(actor=make.system(), username="drafter", password=PASSWORD, is_superuser=True)
    page = new_page(strict=False)

    def log_in():
        page.goto(f"/login?next=/e/catalog.item/new?unit={unit.pk}")
        page.fill("#username", "drafter")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url("**/e/catalog.item/new**")
        page.wait_for_selector("mes-form:defined", state="attached")

    log_in()
    page.fill("#f-code", "DRAFT-1")
    page.fill("#f-name", "很重要")
    page.context.clear_cookies()
    page.click(".form-actions .btn-primary")
    expect(page.locator(".empty-title")).to_be_visible()
    assert not Item.objects.filter(code="DRAFT-1").exists()

    log_in()
    page.click(".note .push")  # restore
    assert page.input_value("#f-name") == "很重要"
    page.click(".form-actions .btn-primary")
    page.wait_for_selector("#record")
    assert Item.objects.get(code="DRAFT-1").name == "很重要"

    page.goto("/e/catalog.item/new")
    page.wait_for_selector("mes-form:defined", state="attached")
    page.wait_for_timeout(500)  # an offer would stand here by now
    assert page.locator(".note").count() == 0


def test_a_saved_draft_is_gone_though_the_next_page_never_ran(services, new_page, sign_in):
    """Who leaves the saved record before its script is there isn't offered what was saved."""
    policy.cache_forget()
    unit = make.item("OLD-2").unit
    user = access.user_create(actor=make.system(), username="quick", password=PASSWORD, is_superuser=True)
    page = new_page(strict=False)
    sign_in(page, user)
    page.goto(f"/e/catalog.item/new?unit={unit.pk}")
    page.wait_for_selector("mes-form:defined", state="attached")
    page.fill("#f-code", "QUICK-1")
    page.fill("#f-name", "快")
    page.route("**/js/app.js*", lambda route: route.abort())
    with page.expect_navigation():
        page.click(".form-actions .btn-primary")
    page.wait_for_selector("#record")
    assert Item.objects.filter(code="QUICK-1").exists()

    page.unroute("**/js/app.js*")
    page.goto("/e/catalog.item/new")
    page.wait_for_selector("mes-form:defined", state="attached")
    page.wait_for_timeout(500)  # an offer would stand here by now
    assert page.locator(".note").count() == 0
    assert "takt_saved" not in {one["name"] for one in page.context.cookies()}
