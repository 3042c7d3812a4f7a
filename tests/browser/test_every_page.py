"""Every page reached from the menu: accessible, no wider than a phone, readable in the dark, no dead link."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from forms_engine.access.models import User
from forms_engine.packages.services import package_install
from jit.config.boot import frontend
from jit.demo.opening import opening_make
from jit.demo.people import people_make
from jit.demo.plant import plant_make
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.services(only=("web", "live"))]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Found rules and pieces of HTML are all a fault tells; no style sheet is read for the rules asked for.
AXE = """(tags) => axe.run(document, {
    runOnly: tags, resultTypes: ["violations"], selectors: false, preload: { assets: ["media"] },
  })
  .then((run) => run.violations)
  .then((found) => found.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 99))}`))"""
LINKS = """() => [...document.querySelectorAll("a[href]")].map((node) => node.getAttribute("href"))"""
WIDE = """() => {
  const most = document.documentElement.clientWidth;
  return document.documentElement.scrollWidth <= most ? [] : [...document.querySelectorAll("body *")]
    .filter((node) => node.getBoundingClientRect().right > most + 1)
    .slice(0, 3).map((node) => node.outerHTML.slice(0, 120));
}"""
PEOPLE = ("planner", "approver", "buyer", "warehouse", "operator", "supplier", "admin")
#: Pages of the plant; files, printed papers and the log-out are none.
INSIDE = re.compile(
    r"/((e|board|portal|dock|line|inbox|import|studio|do|me)\b(?!.*(export|sample|print|[.](pdf|xlsx|csv|json|html)$))|$)"
)
RECORD = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+|\d{4}-\d\d-\d\dT[^/&]*")
#: Beyond the menu one list, sheet, record and action stand for all of their kind: they share their templates.
SHARED = re.compile(r"(?<=^/e/)[^/]+|(?<=/do/)[^/]+|(?<=^/import/)[^/]+|(?<=^/studio/)[^/]+/[^/]+")


@pytest.fixture
def plant(services):
    """The demo plant as a new user finds it."""
    package_install(actor=make.system(), folder=settings.BASE_DIR / "jit" / "packages" / "jit_mes")
    people_make(actor=make.system(), supplier=plant_make(actor=make.system()))
    opening_make(actor=make.system())


def links(page):
    """Return the pages of the plant that the open page links to, records of one kind counted once."""
    found = {}
    for href in page.evaluate(LINKS):
        parts = urlsplit(href)
        if not parts.scheme and not parts.netloc and INSIDE.match(parts.path):
            found.setdefault(RECORD.sub("…", parts.path), parts.path)
    return found


def test_every_page_is_whole(plant, services, new_page, sign_in):
    """Walks the menu of each person and one step further from every page of it."""
    seen: set[str] = set()
    faults: list[str] = []

    def visit(page, wanted):
        ahead = {}
        for kind, path in wanted.items():
            if kind not in seen:
                seen.add(kind)
                faults.extend(f"{name} {path}: {fault}" for fault in looked_at(page, path))
                ahead |= links(page)
        return ahead

    for name in PEOPLE:
        page = new_page(bypass_csp=True)
        sign_in(page, User.objects.get(username=name))
        page.goto("/")
        further = visit(page, {"/": "/"} | links(page))
        visit(page, {SHARED.sub("*", kind): path for kind, path in further.items() if kind not in seen})
        page.context.close()
    assert len(seen) > 50, sorted(seen)
    assert faults == [], "\n".join(faults)


def looked_at(page, path):
    """Return what is wrong with a page: on a desk in the light, on a phone in the dark, and what failed."""
    faults: list[str] = []

    def answered(answer):
        if answer.status >= 400:
            faults.append(f"{answer.status} {answer.url}")

    def said(line):
        if line.type == "error":
            faults.append(line.text)

    page.on("response", answered)
    page.on("console", said)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(path, wait_until="load")
    page.add_script_tag(path=frontend.FOLDER / "node_modules" / "axe-core" / "axe.min.js")
    faults += [f"desk: {fault}" for fault in page.evaluate(AXE, RULES)]
    faults += [f"desk is too wide: {node}" for node in page.evaluate(WIDE)]
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    faults += [f"phone: {fault}" for fault in page.evaluate(AXE, RULES)]
    faults += [f"phone is too wide: {node}" for node in page.evaluate(WIDE)]
    page.remove_listener("response", answered)
    page.remove_listener("console", said)
    return faults
