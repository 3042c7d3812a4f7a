"""No byte of supplier B in anything supplier A can obtain (I19), with each of the two walls alone, too."""

import json
import uuid
from itertools import count

import pytest
from django.db import models

from forms_engine.access import policy, walls
from forms_engine.core.action import actions
from forms_engine.core.entity import entities, entity
from forms_engine.core.run import action_run
from forms_engine.core.services import attachment_store, entity_define
from forms_engine.kernel.schema import FieldSpec, Schema
from jit.supply.models import CallOff, CallOffReply, CallOffVersion, Shipment, ShipmentLine
from tests import factories
from tests.forms_engine.api.conftest import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = Schema((FieldSpec("text", "text"), FieldSpec("amount", "decimal")))
UNKNOWN = uuid.UUID("01900000-0000-7000-8000-000000000001")


class World:
    """Two suppliers with a row in every scoped table; each text of a row holds a mark of its own."""

    def __init__(self, tmp_path):
        self.numbers = count(1)
        self.marks = {"A": [], "B": []}
        self.ids = {"A": {}, "B": {}}
        self.suppliers = {}
        self.item = factories.item("SHARED")
        place = factories.location("L1")
        self.base = {"plant": factories.plant(), "item": self.item, "area": place, "dock": place}
        for side in "AB":
            self.suppliers[side] = self.plant(side, "catalog.supplier", type(factories.supplier(f"T{side}")))
            self.fill(side)

    def mark(self, side):
        made = f"mark{side}{next(self.numbers):05}q"
        self.marks[side].append(made)
        return made

    def plant(self, side, key, model, **known):
        """Make a row whose every text column holds a mark."""
        values = dict(known)
        for field in model._meta.concrete_fields:
            if field.name in values or field.choices or field.name in ("status",):
                continue
            if isinstance(field, models.CharField | models.TextField):
                values[field.name] = self.mark(side)
            elif isinstance(field, models.DateTimeField) and not field.null and not field.has_default():
                values[field.name] = factories.at(9)
        made = model.objects.create(**values)
        self.ids[side][key] = made.pk
        return made

    def fill(self, side):
        own = {"supplier": self.suppliers[side]}
        calloff = self.plant(
            side, "supply.calloff", CallOff, state="SENT", quantity=5, held_from="", **own, **self.base
        )
        self.plant(side, "supply.calloffversion", CallOffVersion, calloff=calloff, revision=1, **own)
        self.plant(side, "supply.calloffreply", CallOffReply, calloff=calloff, revision=1, kind="LESS", **own)
        shipment = self.plant(
            side, "supply.shipment", Shipment, plant=self.base["plant"], dock=self.base["dock"], **own
        )
        self.plant(
            side,
            "supply.shipmentline",
            ShipmentLine,
            shipment=shipment,
            calloff=calloff,
            item=self.item,
            quantity=5,
            **own,
        )

    def note(self, side):
        supplier = self.suppliers[side].pk
        key = "x.supplier_note"
        outsider = policy.Actor(
            kind="link", id=f"test:{side}", name=side, supplier_id=supplier, roles=frozenset({"supplier"})
        )
        made = action_run(actor=outsider, key=f"{key}.create", raw={"text": self.mark(side), "amount": "7"})
        self.ids[side][key] = made.record_id

    def file(self, side, tmp_path):
        owner = policy.Actor(kind="link", id=f"file:{side}", name=side, supplier_id=self.suppliers[side].pk)
        row = attachment_store(
            actor=owner, name=f"{self.mark(side)}.pdf", content=(tmp_path / side).open("rb")
        )
        self.ids[side]["file"] = row.pk

    def all_marks(self, side):
        return self.marks[side] + [str(pk) for pk in self.ids[side].values()]


GRANTS = [
    {"entity": "supply.*", "actions": ["*"]},
    {"entity": "x.*", "actions": ["*"]},
    {"entity": "catalog.supplier", "actions": ["read", "update"]},
]


@pytest.fixture
def world(transactional_db, settings, tmp_path, api):
    settings.MEDIA_ROOT = tmp_path / "media"
    made = World(tmp_path)
    entity_define(actor=SYSTEM, key="x.supplier_note", label="Note", schema=NOTE, scope="supplier")
    made.A = api("supplier", GRANTS, supplier_id=made.suppliers["A"].pk)
    made.B = api("supplier", GRANTS, supplier_id=made.suppliers["B"].pk)
    for side in "AB":
        (tmp_path / side).write_bytes(b"%PDF-1.7 " + made.mark(side).encode())
        made.file(side, tmp_path)
        made.note(side)
    return made


def requests_of(world, caller):
    """Yield (request, answer) for every route, verb and clause, on B's ids and on one that does not exist."""
    some = world.marks["B"][0]
    for key, noun in sorted(entities().by_key.items()):
        texts = [f.name for f in noun.stored if f.type.fx_type == "text" and not f.system][:4]
        asked = ["", f"?q={some}", "?count=1&size=500", "?archived=all", "?aggregates=count"]
        asked += [f'?filter=["eq","{name}","{some}"]' for name in texts]
        asked += [f'?filter=["starts","{name}","mark"]&sort=-{name}' for name in texts]
        asked += [f"?group={name}" for name in texts]
        asked += [f'?filter=["not",["eq","id","{UNKNOWN}"]]']
        for query in asked:
            yield f"{key}/{query}", caller.get(f"{key}/{query}")
        yield f"{key}/lookup", caller.get(f"{key}/lookup/?q=mark")
        verbs = [action.verb for action in actions if action.entity == key]
        for pk in [pk for pk in (world.ids["B"].get(key), UNKNOWN) if pk is not None]:
            for tail in ("", "history/"):
                yield f"{key}/{pk}/{tail}", caller.get(f"{key}/{pk}/{tail}")
            yield f"PATCH {key}/{pk}", caller.patch(f"{key}/{pk}/", {texts[0]: "x"} if texts else {})
            for verb in [*verbs, "archive", "restore"]:
                yield f"{key}/{pk}/{verb}", caller.post(f"{key}/{pk}/{verb}/")
    yield "search", caller.get("search?q=mark")
    yield "index", caller.get("")
    yield "openapi", caller.get("/api/schema/")
    for pk in (world.ids["B"]["file"], UNKNOWN):
        yield f"files/{pk}", caller.get(f"files/{pk}/")


def body_of(answer):
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return raw.decode("utf-8", "replace") + json.dumps(dict(answer.items()))


def leaks_of(world, caller):
    """Return (request, mark) of everything of B that comes back without having been sent."""
    leaks, shapes = [], {}
    marks = world.all_marks("B")
    for name, answer in requests_of(world, caller):
        assert answer.status_code < 500, (name, answer.content)
        text = body_of(answer)
        leaks += [(name, mark) for mark in marks if mark in text and mark not in name]
        for pk in map(str, (*world.ids["B"].values(), UNKNOWN)):
            if pk in name:
                shapes.setdefault(name.replace(pk, "ID"), set()).add(answer.status_code)
    return leaks, {name: found for name, found in shapes.items() if len(found) > 1}


def app_off(monkeypatch):
    monkeypatch.setattr(policy, "_is_free", lambda actor: True)


def rls_off(monkeypatch):
    monkeypatch.setattr(walls, "alias_of", lambda actor: "default")


@pytest.mark.parametrize("wall", ["both", "rls_only", "app_only"])
def test_no_byte_of_b_reaches_a(world, monkeypatch, wall):
    if wall == "rls_only":
        app_off(monkeypatch)
    if wall == "app_only":
        rls_off(monkeypatch)
    before = [row.pk for row in CallOff.objects.filter(supplier=world.suppliers["B"])]
    leaks, shapes = leaks_of(world, world.A)
    assert not leaks
    assert not shapes, "a record of B answers differently from one that does not exist"
    assert [row.pk for row in CallOff.objects.filter(supplier=world.suppliers["B"])] == before


def test_a_sees_its_own(world):
    text = "".join(body_of(world.A.get(f"{key}/?archived=all")) for key in world.ids["A"] if key != "file")
    missing = [
        key
        for key, pk in world.ids["A"].items()
        if key not in ("file", "catalog.supplier") and str(pk) not in text
    ]
    assert not missing


def test_without_both_walls_the_proof_fails(world, monkeypatch):
    """Sabotage: the test above must be able to see a leak."""
    app_off(monkeypatch)
    rls_off(monkeypatch)
    leaks, _ = leaks_of(world, world.A)
    assert {name.split("/")[0] for name, _ in leaks} >= {
        "supply.calloff",
        "supply.shipment",
        "x.supplier_note",
    }


def test_counts_and_estimates_do_not_move_with_bs_rows(world):
    asked = ["supply.calloff/?count=1", "x.supplier_note/?count=1", "supply.calloff/?aggregates=count"]
    before = [world.A.get(path).content for path in asked]
    world.note("B")
    own = {"supplier": world.suppliers["B"]}
    CallOff.objects.filter(supplier=world.suppliers["B"]).update(window_end=factories.at(10))
    world.plant("B", "supply.calloff", CallOff, state="SENT", quantity=5, held_from="", **own, **world.base)
    after = [world.A.get(path) for path in asked]
    assert all(answer.status_code == 200 for answer in after)
    assert [answer.content for answer in after] == before


def test_a_cannot_write_into_bs_name(world):
    supplier = str(world.suppliers["B"].pk)
    refused = world.A.post("x.supplier_note/", {"text": "x", "supplier_id": supplier})
    assert refused.status_code == 400
    made = world.A.post("x.supplier_note/", {"text": "mine"})
    assert made.status_code == 201
    row = world.A.get(f"x.supplier_note/{made.json()['id']}/")
    assert row.status_code == 200
    assert world.B.get(f"x.supplier_note/{made.json()['id']}/").status_code == 404
    assert entity("x.supplier_note").scope == "supplier"


def test_a_acts_on_its_own_call_off_and_not_on_bs(world):
    path = "supply.calloff/{}/confirm/"
    key = {"Idempotency_Key": "tap-1"}
    done = world.A.post(path.format(world.ids["A"]["supply.calloff"]), **key)
    assert done.status_code == 200, done.content
    again = world.A.post(path.format(world.ids["A"]["supply.calloff"]), **key)
    assert again.content == done.content and again["Idempotent-Replayed"] == "true"
    assert world.A.post(path.format(world.ids["B"]["supply.calloff"])).status_code == 404
    assert CallOff.objects.get(supplier=world.suppliers["A"]).state == "CONFIRMED"
    assert CallOff.objects.get(supplier=world.suppliers["B"]).state == "SENT"
