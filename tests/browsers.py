"""A real browser on the running plant: `page` as on a desk, `phone` as in a pocket, `new_page` for the rest.

Every page is watched: an exception in a script or a breach of the content security policy fails the test.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from jit.config.boot.suite import browser_find
from tests.live_services import LiveServices

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
Pages = Callable[..., Page]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver. Its loop runs in this thread, which Django would take for async code touching the ORM."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A headless Chromium of this machine; nothing is downloaded."""
    path = browser_find()
    if not path:
        pytest.fail("no Chromium: set TAKT_CHROMIUM or run the suite by `python3 manage.py test`")
    started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    yield started
    started.close()


@pytest.fixture
def new_page(browser: Browser, services: LiveServices, request: pytest.FixtureRequest) -> Iterator[Pages]:
    """Make a page in a context of its own: `new_page(width=390, locale="en-GB")`.

    The policy is on; `bypass_csp=True` is for tests that need `wait_for_function`. `strict=False` is for
    tests that provoke errors on purpose.
    """
    opened: list[tuple[Page, list[str], bool]] = []

    def make(*, width: int = 1280, height: int = 800, strict: bool = True, **options: Any) -> Page:
        defaults = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "base_url": services.url}
        context = browser.new_context(viewport={"width": width, "height": height}, **(defaults | options))
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("console", lambda message: problems.extend(policy_breach(message.text)))
        opened.append((page, problems, strict))
        return page

    yield make
    report = getattr(request.node, "report_of_call", None)
    found = []
    for number, (page, problems, strict) in enumerate(opened):
        if report is not None and report.failed and not page.is_closed():
            page.screenshot(path=shot_path(request.node.name, number), full_page=True)
        page.context.close()
        found += problems if strict else []
    assert not found, "\n".join(found)


def policy_breach(text: str) -> list[str]:
    """Return the console line if it tells of a breached content security policy."""
    return [f"policy: {text}"] if "Content Security Policy" in text else []


def shot_path(name: str, number: int) -> Path:
    """Return where the picture of a failed test goes."""
    safe = "".join(letter if letter.isalnum() else "-" for letter in name)[:80]
    folder = Path(settings.DATA_FOLDER) / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{safe}-{number}.png"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Iterator[None]:
    """Keep the report of the test itself where fixtures can see it."""
    report = yield
    if report.when == "call":
        item.report_of_call = report
    return report


@pytest.fixture
def page(new_page: Pages) -> Page:
    """A page as on a desk: 1280 pixels, Chinese."""
    return new_page()


@pytest.fixture
def phone(new_page: Pages) -> Page:
    """A page as in a pocket: 360 pixels, touch, Chinese."""
    return new_page(width=360, height=740, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def sign_in(services: LiveServices) -> Callable[[Page, AbstractUser], None]:
    """Log a user in on a page's context without typing: `sign_in(page, user)`."""

    def enter(page: Page, user: AbstractUser) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": services.url}
        page.context.add_cookies([cookie])

    return enter
