"""The browser ground itself: a page of the running plant, and the ORM on the same database."""

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

pytestmark = [pytest.mark.browser, pytest.mark.services(only=("web", "live"))]


def test_the_plant_answers_with_a_request_id_and_a_policy(services):
    answer = httpx.get(f"{services.url}/readyz", headers={"X-Request-ID": "from-the-caller"}, trust_env=False)
    assert answer.json() == {"database": True, "valkey": True}
    assert answer.headers["X-Request-ID"] == "from-the-caller"
    policy = answer.headers["Content-Security-Policy"]
    assert "'nonce-" in policy and "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")
    assert f"ws://127.0.0.1:{services.live_port}" in policy


def test_a_strange_request_id_is_replaced(services):
    answer = httpx.get(f"{services.url}/healthz", headers={"X-Request-ID": 'x" onload=1'}, trust_env=False)
    assert answer.headers["X-Request-ID"].isalnum()


def test_a_page_opens_in_the_browser(page, services):
    page.goto("/healthz")
    assert "ok" in page.inner_text("body")


def test_the_orm_of_a_test_sees_the_database_of_the_plant(services):
    Session.objects.create(session_key="seen", session_data="", expire_date=timezone.now())
    with services.clones.connect() as admin:
        rows = admin.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [services.database])
        assert rows.fetchone()[0] >= 2
    Session.objects.filter(session_key="seen").delete()


def test_the_plant_recovers_from_a_killed_web_process(services):
    services.kill("web")
    services.start(("web",))
    assert httpx.get(f"{services.url}/healthz", trust_env=False).status_code == 200
