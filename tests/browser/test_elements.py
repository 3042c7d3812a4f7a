"""The page's own elements in a real browser, under the real policy."""

import asyncio
import datetime as dt
import json
import re
import threading

import pytest
import websockets

from forms_engine.kernel import clock
from jit.config.boot import frontend

pytestmark = pytest.mark.browser


@pytest.fixture
def fast_clock():
    """The plant's clock far ahead of the browser's, a plant hour in ten real seconds."""
    clock.run(360, moment="2031-05-05T08:00:00Z")
    yield
    clock.set(None)


def test_a_countdown_goes_by_the_plants_clock_at_its_speed(open_page, fast_clock):
    page = open_page()
    due = page.locator("mes-due:not([late])").first
    at = dt.datetime.fromisoformat(due.get_attribute("at"))
    assert dt.timedelta(minutes=1) < at - clock.now() < dt.timedelta(hours=4)
    assert due.inner_text().startswith("in ")
    before = due.inner_text()
    page.wait_for_function(
        "(was) => document.querySelector('mes-due:not([late])').innerText !== was", arg=before
    )
    shown = page.evaluate("import('/static/js/lib/planttime.js').then((it) => it.plantNow())")
    assert abs(clock.now().timestamp() - shown / 1000) < 5 * 360  # the browser is within five real seconds


def test_the_palette_finds_pages_and_records_and_gives_the_focus_back(open_page):
    page = open_page()
    page.focus("[data-list-search]")
    page.keyboard.press("Control+k")
    page.keyboard.type("dock")
    assert "Dock" in page.inner_text("[role=option][aria-selected=true]")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('[data-list-search]')")
    page.keyboard.press("Control+k")
    page.keyboard.type("bracket")
    page.wait_for_selector("[role=option]:has-text('Bracket X')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?x100")


def test_commands_of_the_page_stand_behind_the_greater_sign(open_page):
    page = open_page()
    page.evaluate(
        "document.querySelector('[data-command]').addEventListener('click', () => (window.released = true))"
    )
    page.keyboard.press("Control+k")
    page.keyboard.type(">rel")
    page.keyboard.press("Enter")
    assert page.evaluate("window.released")


def test_the_theme_goes_round_and_is_kept(open_page):
    page = open_page(color_scheme="light")
    page.click("mes-theme button")
    assert page.get_attribute("html", "data-theme") == "light"
    page.click("mes-theme button")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.reload()
    assert page.get_attribute("html", "data-bs-theme") == "dark"


def test_an_excel_block_fills_child_rows_and_their_sum(open_page):
    page = open_page("rows")
    page.click("[data-row-add]")
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "X-100\\t1,200.5\\r\\nY-220\\t0.1\\r\\nZ-300\\t0.2\\r\\n");
          const field = document.querySelector("[name=lines-0-item]");
          const paste = { clipboardData: data, bubbles: true, cancelable: true };
          field.dispatchEvent(new ClipboardEvent("paste", paste));
        }"""
    )
    assert page.input_value("[name=lines-2-item]") == "Z-300"
    assert page.inner_text("[data-sum]") == "1,200.8"
    page.click("tbody tr:nth-child(1) [data-row-remove]")
    assert page.input_value("[name=lines-0-item]") == "Y-220"
    assert page.inner_text("[data-sum]") == "0.3"


def test_formulas_and_visibility_follow_while_typing(open_page):
    page = open_page("rows")
    page.wait_for_selector("#reason", state="hidden")
    page.click("[data-row-add]")
    page.fill("[name=lines-0-qty]", "0.1")
    page.click("[data-row-add]")
    page.fill("[name=lines-1-qty]", "0.2")
    assert page.inner_text("output[data-computed=total]") == "0.6"
    page.fill("[name=lines-1-qty]", "60")
    assert page.is_visible("#reason")
    assert page.get_attribute("#reason", "aria-required") == "true"


def test_enter_on_the_last_row_adds_one_until_the_table_is_full(open_page):
    page = open_page("rows")
    page.click("[data-row-add]")
    for _ in range(7):
        page.keyboard.press("Enter")
    assert page.locator("mes-subform tbody tr").count() == 5
    assert page.locator(".toast-item.is-risk").count() >= 1


def test_a_draft_survives_closing_the_page_and_is_offered(open_page):
    page = open_page("rows")
    page.click("[data-row-add]")
    page.fill("[name=lines-0-item]", "X-100")
    page.fill("#plate", "沪A12345")
    page.wait_for_timeout(1900)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/rows")
    page.click(".note button >> nth=0")
    assert page.input_value("#plate") == "沪A12345"
    assert page.input_value("[name=lines-0-item]") == "X-100"


def test_ctrl_s_sends_the_form(open_page, site):
    page = open_page("rows")
    page.fill("#plate", "B")
    page.keyboard.press("Control+s")
    page.wait_for_url("**/save")
    assert site.posts[0]["plate"] == "B"


def test_a_reference_is_found_by_typing_and_words_alone_are_no_value(open_page, site):
    page = open_page("rows")
    page.type("#item", "brack", delay=20)
    page.wait_for_selector(".choices [role=option]")
    page.keyboard.press("Enter")  # the list that stands may be of "bra": Enter waits for that of "brack"
    page.wait_for_function("() => document.querySelector('input[name=item]').value === '7'")
    assert page.input_value("#item") == "X-100 Bracket X"
    page.fill("#item", "")
    assert page.input_value("input[name=item]") == ""
    # A scanner types faster than a list comes: Enter waits for the words' own list, never takes an older one.
    page.click("#item")
    page.wait_for_selector(".choices [role=option]")
    page.type("#item", "y-200")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('input[name=item]').value === '9'")
    assert not site.posts
    page.fill("#item", "")
    page.type("#item", "something")
    page.focus("#plate")
    page.wait_for_function("() => document.querySelector('#item').value === ''")
    # Who goes on before the list comes still gets what Enter asked for, or is told that there is none.
    held = []
    page.route(re.compile(r"[?&]q="), lambda route: held.append(route))

    def go_on(words):
        page.fill("#item", "")
        page.type("#item", words)
        page.keyboard.press("Enter")
        page.focus("#plate")
        page.wait_for_timeout(400)  # longer than a field that was left stays open

    go_on("y-200")
    held[-1].continue_()
    page.wait_for_function("() => document.querySelector('input[name=item]').value === '9'")
    go_on("x-100")
    held[-1].abort()
    page.wait_for_selector(".toast-item:has-text('not reachable')")
    assert page.locator("mes-reference .choices").first.is_hidden()
    assert page.input_value("#item") == ""


def test_ten_thousand_cells_are_walked_by_keys_and_open_the_drawer(open_page):
    page = open_page("board")
    page.click("tbody tr:nth-child(2) td:nth-child(3)")
    page.wait_for_selector(".drawer")
    assert page.inner_text("#drawer-title") == "X-100 09:00"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "1.1"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "2.99"
    assert page.locator("td[tabindex='0']").count() == 1
    slowest = page.evaluate(
        """async () => {
          let slowest = 0;
          for (let i = 0; i < 20; i += 1) {
            const from = performance.now();
            const press = new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true });
            document.activeElement.dispatchEvent(press);
            slowest = Math.max(slowest, performance.now() - from);
            await new Promise(requestAnimationFrame);
          }
          return slowest;
        }"""
    )
    assert slowest < 50


class LineServer:
    """A socket server that speaks the live protocol and can drop the line."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.sockets, self.heard = set(), []
        ready = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait(5)

    def run(self, ready):
        asyncio.set_event_loop(self.loop)

        async def main():
            self.over = asyncio.Event()
            async with websockets.serve(self.serve, "127.0.0.1", 0) as server:
                self.port = server.sockets[0].getsockname()[1]
                ready.set()
                await self.over.wait()

        self.loop.run_until_complete(main())

    async def serve(self, socket):
        self.sockets.add(socket)
        try:
            async for message in socket:
                self.heard.append(json.loads(message))
        finally:
            self.sockets.discard(socket)

    def do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(5)

    def close(self):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(5)

    def tell(self, topic):
        for socket in list(self.sockets):
            self.do(socket.send(json.dumps({"t": topic, "v": 1})))

    def drop(self):
        for socket in list(self.sockets):
            self.do(socket.close())


@pytest.fixture
def line(site):
    server = LineServer()
    site.live_url = f"ws://127.0.0.1:{server.port}/ws/"
    yield server
    site.live_url = ""
    server.close()


def test_a_change_is_read_again_and_a_lost_line_reads_everything_when_it_is_back(open_page, site, line):
    page = open_page("live")
    page.wait_for_selector("mes-live[state=live]")
    assert {"topics": ["board:cover"]} in line.heard
    line.tell("board:other")
    line.tell("board:cover")
    page.wait_for_selector("#cover:has-text('read again')")
    assert site.reads == ["/part/cover"]
    line.drop()
    page.wait_for_timeout(2500)
    assert site.reads == ["/part/cover"] * 2
    assert line.heard.count({"topics": ["board:cover"]}) == 2


AXE = """(tags) => axe.run(document, { runOnly: tags })
  .then((run) => run.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html)]))"""
TARGETS = "main button, main input:not([type=hidden]), .bottom-link, .floor-top .tool"
SMALL = """(targets) => [...document.querySelectorAll(targets)]
  .filter((node) => node.offsetParent && node.getBoundingClientRect().height < 44)
  .map((node) => node.outerHTML)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["", "scan", "rows", "board"])
def test_no_page_breaks_the_accessibility_rules(open_page, name, scheme):
    page = open_page(name, color_scheme=scheme, locale="zh-CN", bypass_csp=True)
    page.add_script_tag(path=frontend.FOLDER / "node_modules" / "axe-core" / "axe.min.js")
    found = page.evaluate(AXE, ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    assert found == []


@pytest.mark.parametrize("name", ["", "scan", "rows", "board"])
def test_a_phone_never_scrolls_sideways(open_page, name):
    page = open_page(name, width=360, height=740, is_mobile=True, has_touch=True, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_floor_targets_are_as_big_as_a_glove(open_page):
    page = open_page("scan", width=360, height=740)
    assert page.evaluate(SMALL, TARGETS) == []
