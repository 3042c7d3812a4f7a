"""The sample pages of the elements, and a way to open them."""

from __future__ import annotations

import pytest

from jit.config.boot import frontend
from tests.browser.sample_site import SampleSite
from tests.browsers import policy_breach

ALL_AWAKE = """() => [...document.querySelectorAll(":not(:defined)")]
  .every((node) => !node.localName.startsWith("mes-"))"""


@pytest.fixture(scope="module")
def site():
    frontend.ensure(with_modules=True)
    served = SampleSite()
    yield served
    served.close()


@pytest.fixture
def open_page(browser, site):
    """Open a sample page: `open_page("scan")` on a desk, `width=360` in a pocket; broken scripts fail."""
    contexts, problems = [], []
    site.posts.clear()
    site.reads.clear()
    site.slowness = 0.0

    def make(name="", *, width=1280, height=800, locale="en-GB", **options):
        context = browser.new_context(
            base_url=site.url, viewport={"width": width, "height": height}, locale=locale, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.extend(policy_breach(message.text)))
        page.goto(f"/{name}")
        page.wait_for_function(ALL_AWAKE)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not problems, problems
