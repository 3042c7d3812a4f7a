"""The API as a program meets it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from forms_engine.access import limits
from jit.catalog.models import Unit
from tests import factories as make

pytestmark = pytest.mark.django_db
UNIT = {"code": "PCE", "name": "piece"}


def test_a_record_goes_round(admin):
    made = admin.post("catalog.unit/", UNIT, Idempotency_Key="k-1")
    assert made.status_code == 201 and made["Location"] == f"/api/v1/catalog.unit/{made.json()['id']}/"
    pk = made.json()["id"]
    assert admin.get(f"catalog.unit/{pk}/").json()["name"] == "piece"
    changed = admin.patch(f"catalog.unit/{pk}/", {"name": "Stück"}, If_Match='"1"')
    assert changed.json() == {"id": pk, "version": 2}
    listed = admin.get('catalog.unit/?filter=["eq","code","PCE"]&sort=-code&count=1&fields=name').json()
    assert listed == {
        "results": [{"name": "Stück"}],
        "next": None,
        "prev": None,
        "count": 1,
        "estimated": False,
    }
    assert admin.post(f"catalog.unit/{pk}/archive/").status_code == 200
    assert admin.get("catalog.unit/").json()["results"] == []
    assert [c["verb"] for c in admin.get(f"catalog.unit/{pk}/history/").json()["results"]] == ["U", "U", "I"]


def test_a_replay_gives_the_same_answer(admin):
    one = admin.post("catalog.unit/", UNIT, Idempotency_Key="k-1")
    two = admin.post("catalog.unit/", UNIT, Idempotency_Key="k-1")
    assert (one.status_code, one.content) == (two.status_code, two.content)
    assert two["Idempotent-Replayed"] == "true" and Unit.objects.count() == 1
    other = admin.post("catalog.unit/", {**UNIT, "name": "x"}, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")


def test_a_refusal_is_a_problem_in_both_languages(admin):
    refused = admin.post("catalog.unit/", {"decimals": "many"})
    assert refused.status_code == 422 and refused["Content-Type"] == "application/problem+json"
    body = refused.json()
    assert {error["field"] for error in body["errors"]} == {"code", "decimals"}
    assert all(error["message"]["en"] and error["message"]["zh"] for error in body["errors"])
    assert body["request_id"] == refused["X-Request-ID"]


def test_a_broken_rule_of_a_line_comes_with_all_other_errors(admin):
    built = make.f0()
    line = {"item": str(built.product.pk), "work_centre": str(built.work_centre.pk), "quantity": "5"}
    turned = {**line, "start_at": "2026-11-30T09:00Z", "end_at": "2026-11-30T08:00Z"}
    bad = {**turned, "end_at": "2026-11-30T10:00Z", "quantity": "0", "item": "nobody"}
    refused = admin.post("planning.plan/", {"title": "x" * 999, "lines": [turned, bad]})
    assert refused.status_code == 422
    found = {error["field"]: error for error in refused.json()["errors"]}
    assert found.keys() == {"plant", "title", "lines.0.end_at", "lines.1.item", "lines.1.quantity"}
    told = found["lines.0.end_at"]
    assert told["code"] == found["lines.1.quantity"]["code"] == "value.not_allowed"
    assert told["message"] == {"en": "Start must be before End.", "zh": "开工须早于完工。"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "body.format"),
        ("[1]", "body.format"),
        ('{"code": NaN}', "body.format"),
        ("[" * 5000, "body.format"),
        ('{"code": "A", "is_admin": true}', "body.field_unknown"),
        ('{"code": "A", "version": 7}', "body.field_unknown"),
    ],
)
def test_a_malformed_body_is_400(admin, body, code):
    refused = admin.ask("POST", "catalog.unit/", body)
    assert (refused.status_code, refused.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    "query",
    ["colour=red", "size=0", "size=x", "size=9999", "filter={", 'filter=["eq","nope",1]', "sort=nope",
     "after=zzz", "fields=password", 'filter=["sql","code","x"]', "count=yes"],
)  # fmt: skip
def test_a_malformed_question_is_400(admin, query):
    refused = admin.get(f"catalog.unit/?{query}")
    assert refused.status_code == 400, refused.content


def test_what_does_not_exist_is_404(admin):
    for path in ("catalog.nothing/", "catalog.unit/01900000-0000-7000-8000-000000000000/"):
        assert admin.get(path).status_code == 404
    assert admin.post("do/nothing.at_all/").status_code == 404


def test_a_stale_version_is_409_with_the_difference(admin):
    pk = admin.post("catalog.unit/", UNIT).json()["id"]
    admin.patch(f"catalog.unit/{pk}/", {"name": "b"})
    refused = admin.patch(f"catalog.unit/{pk}/", {"name": "c"}, If_Match="1")
    assert refused.status_code == 409 and refused.json()["params"]["differs"] == {"name": "b"}


def test_nobody_gets_nothing(api):
    nobody = api(None)
    for path in ("", "catalog.unit/", "/api/schema/", "/api/docs/", "admin/users/"):
        assert nobody.get(path).status_code == 401
    assert nobody.post("catalog.unit/", UNIT).status_code == 401


def test_a_session_needs_its_csrf_token(admin):
    caller = admin.client
    caller.handler.enforce_csrf_checks = True
    caller.force_login(admin.user)
    sent = {"data": json.dumps(UNIT), "content_type": "application/json"}
    refused = caller.post("/api/v1/catalog.unit/", **sent)
    assert (refused.status_code, refused.json()["code"]) == (403, "access.csrf")
    assert caller.get("/api/v1/catalog.unit/").status_code == 200


def test_a_token_does_no_more_than_its_scopes(api):
    caller = api("reader", [{"entity": "*", "actions": ["*"]}], scopes=["read"])
    assert caller.get("catalog.unit/").status_code == 200
    assert caller.post("catalog.unit/", UNIT).status_code == 403


def test_guessing_tokens_is_limited(api, monkeypatch):
    monkeypatch.setattr("forms_engine.api.auth.BAD_TOKENS", 3)
    caller = api(None)
    caller.headers = {"Authorization": "Token takt_guess"}
    answers = [caller.get("catalog.unit/").status_code for _ in range(5)]
    assert answers == [401, 401, 401, 429, 429]


def test_a_token_is_limited(admin, settings):
    settings.API_LIMIT = 3
    limits.api_limiter.__init__()
    answers = [admin.get("catalog.unit/").status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]


def test_the_index_names_entities_fields_and_verbs(api):
    caller = api("reader", [{"entity": "catalog.unit", "actions": ["read"], "hidden_fields": ["decimals"]}])
    found = caller.get("").json()
    assert [noun["key"] for noun in found["entities"]] == ["catalog.unit"]
    assert "decimals" not in json.dumps(found) and found["entities"][0]["actions"] == []


def test_openapi_names_every_entity_and_verb(admin):
    paths = admin.get("/api/schema/").json()["paths"]
    assert "post" in paths["/api/v1/catalog.item/"] and "patch" in paths["/api/v1/catalog.item/{id}/"]
    assert "/api/v1/catalog.item/{id}/archive/" in paths and "/api/v1/admin/users/" in paths


def test_people_are_for_those_who_manage_them(admin, api):
    assert admin.get("admin/users/?role=admin").json()["results"][0]["roles"] == ["admin"]
    assert api("clerk").get("admin/users/").status_code == 403


def test_lookup_and_search(admin):
    admin.post("catalog.unit/", UNIT)
    assert admin.get("catalog.unit/lookup/?q=pie").json()["results"][0]["label"] == "PCE"
    hits = admin.get("search?q=piece").json()["results"]
    assert [(hit["entity"], hit["label"]) for hit in hits] == [("catalog.unit", "PCE")]


def test_a_file_is_a_download_for_its_owner_only(admin, api, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    sent = SimpleUploadedFile("../../e\u202evil.pdf", b"%PDF-1.7 text")
    made = admin.client.post("/api/v1/files/", {"file": sent}, headers=admin.headers)
    assert made.status_code == 201 and ".." not in made.json()["name"] and "\u202e" not in made.json()["name"]
    got = admin.get(f"files/{made.json()['id']}/")
    assert b"".join(got.streaming_content) == b"%PDF-1.7 text"
    assert got["Content-Disposition"].startswith("attachment") and got["X-Content-Type-Options"] == "nosniff"
    assert (
        api("clerk", [{"entity": "*", "actions": ["*"]}]).get(f"files/{made.json()['id']}/").status_code
        == 404
    )


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.pdf", "a.exe", "a.csv"])
def test_a_file_of_a_kind_that_runs_is_refused_and_leaves_nothing(admin, settings, tmp_path, name):
    settings.MEDIA_ROOT = tmp_path
    sent = SimpleUploadedFile(name, b"<svg onload=alert(1)>")
    assert admin.client.post("/api/v1/files/", {"file": sent}, headers=admin.headers).status_code == 422
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_nothing_is_cached(admin):
    assert admin.get("catalog.unit/")["Cache-Control"] == "private, no-store"
