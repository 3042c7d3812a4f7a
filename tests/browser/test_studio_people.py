"""An administrator at the screen: a role by ticks, a person with it, and what that person then may open."""

import pytest

from forms_engine.access import services as access
from forms_engine.access.models import User
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.services(only=("web", "live"))]
WORD = "ein-gutes-Wort-77"


def test_a_role_is_ticked_and_given_to_a_new_person(services, new_page, sign_in):
    boss = access.user_create(actor=make.system(), username="boss", is_superuser=True, language="en")
    page = new_page(width=390, height=800, locale="en")
    sign_in(page, boss)
    page.goto("/studio/roles/new/")
    page.locator("#r-key").fill("clerk")
    page.get_by_label("Name (English)").fill("Clerk")
    page.get_by_label("Name (Chinese)").fill("文员")
    page.get_by_placeholder("Search: call-off").fill("catalog.item")
    row = page.locator('details[data-sift$=" catalog.item"]')
    row.locator("summary").first.click()
    row.get_by_label("See").check()
    assert page.locator('details[data-sift$=" supply.calloff"]').is_hidden()
    page.get_by_role("button", name="Publish").first.click()
    page.wait_for_url("**/studio/roles/clerk/")
    page.goto("/studio/people/new/")
    page.get_by_label("Log-in").fill("wang")
    page.get_by_label("First password").fill("short")
    page.get_by_label("Full name").fill("Wang Fang")
    page.get_by_label("Clerk").check()
    page.get_by_role("button", name="Create").click()
    page.get_by_text("at least 12 characters").first.wait_for()
    assert page.get_by_label("Clerk").is_checked()
    page.get_by_label("First password").fill(WORD)
    page.get_by_role("button", name="Create").click()
    page.get_by_text("Person and roles").wait_for()
    his = new_page(locale="en")
    sign_in(his, User.objects.get(username="wang"))
    assert his.goto("/e/catalog.item/").status == 200
    assert his.goto("/e/supply.calloff/").status == 403
