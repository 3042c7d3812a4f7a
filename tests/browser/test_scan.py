"""The scan element: a hand scanner anywhere on the page, typing, order, keys, no network."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

BURST = """(keys) => {
  for (const key of keys) {
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
}"""


def scan(page, code, end="Enter"):
    """Send the keys as a hand scanner does: faster than a busy test machine could type them one by one."""
    page.evaluate(BURST, [*code, end])


def test_a_hand_scanner_works_without_touching_a_field(open_page, site):
    page = open_page("scan")
    page.focus("#elsewhere")
    scan(page, "ASN-2231")
    page.wait_for_selector(".scan-answer.is-ok")
    assert page.inner_text(".scan-answer") == "received"
    assert [post["code"] for post in site.posts] == ["ASN-2231"]
    assert len(site.posts[0]["idempotency_key"]) == 36
    assert site.posts[0]["source"] == "scanner"


def test_a_wrong_code_answers_in_red_and_typing_works_as_well(open_page, site):
    page = open_page("scan")
    page.fill("#code", "BAD-1")
    page.press("#code", "Enter")
    page.wait_for_selector(".scan-answer.is-short")
    assert page.inner_text(".scan-answer") == "unknown label"
    assert site.posts[0]["source"] == "typed"
    assert page.input_value("#code") == ""


def test_a_command_label_presses_its_button_and_is_not_posted(open_page, site):
    page = open_page("scan")
    page.evaluate(
        "document.querySelector('#elsewhere').addEventListener('click', () => (window.done = true))"
    )
    scan(page, "CMD:CONFIRM")
    assert page.evaluate("window.done")
    assert site.posts == []


def test_the_same_box_under_the_scanner_is_sent_once(open_page, site):
    page = open_page("scan")
    scan(page, "BOX-0001")
    scan(page, "BOX-0001")
    page.wait_for_selector(".scan-answer.is-ok")
    page.wait_for_timeout(300)
    assert len(site.posts) == 1


def test_scans_faster_than_the_server_all_arrive_in_order(open_page, site):
    page = open_page("scan")
    site.slowness = 0.25
    codes = [f"BOX-{number:04}" for number in range(4)]
    for code in codes:
        scan(page, code)
    page.wait_for_timeout(1800)
    assert [post["code"] for post in site.posts] == codes
    assert len({post["idempotency_key"] for post in site.posts}) == 4


def test_the_first_sign_of_a_scan_waits_for_no_server(open_page, site):
    """300 ms hold on a quiet machine (the figure is printed); here only the order is asserted."""
    page = open_page("scan")
    held = []
    page.route(
        "**/*", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    page.evaluate(
        """() => {
          addEventListener("keydown", (event) => { window.pressed = event.timeStamp; }, true);
          new MutationObserver(() => { window.seen ??= performance.now(); })
            .observe(document.querySelector(".scan-answer"), { attributes: true });
        }"""
    )
    scan(page, "ASN-0001")
    page.wait_for_selector(".scan-answer.is-busy")
    print(f"first sign of a scan: {page.evaluate('window.seen - window.pressed'):.0f} ms")
    assert len(held) == 1
    assert site.posts == []
    held[0].continue_()
    page.wait_for_selector(".scan-answer:not(.is-busy)")


def test_without_network_a_scan_is_kept_and_sent_later_with_its_key(open_page, site):
    page = open_page("scan")
    page.context.set_offline(True)
    scan(page, "ASN-7777")
    page.wait_for_selector("mes-offline[count='1']")
    assert site.posts == []
    page.context.set_offline(False)
    page.wait_for_selector("mes-offline:not([count])", state="attached")
    assert [post["code"] for post in site.posts] == ["ASN-7777"]
    assert len(site.posts[0]["idempotency_key"]) == 36
