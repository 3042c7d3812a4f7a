"""Packages: the same twice changes nothing, the plant's edits are kept, what stands can be written out."""

from pathlib import Path

import pytest
import yaml
from django.conf import settings

from forms_engine.access import services as access
from forms_engine.access.models import Grant
from forms_engine.alerts.models import AlertRule
from forms_engine.forms.models import FormVersion
from forms_engine.packages.models import InstalledPart
from forms_engine.packages.services import PackageBroken, package_export, package_install
from tests import factories as make

JIT_MES = Path(settings.BASE_DIR) / "jit" / "packages" / "jit_mes"
pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
FILES = {
    "roles/buyer.yaml": {
        "key": "buyer",
        "label": {"en": "Buyer", "zh": "采购员"},
        "grants": [{"entity": "catalog.item", "actions": ["read"]}],
    },
    "alerts/runs_out.yaml": {
        "key": "runs_out",
        "type": "supply.stock_out",
        "title": {"en": "Line runs out", "zh": "线边断料"},
        "options": {"within_minutes": 60},
        "roles": ["buyer"],
    },
    "forms/item.yaml": {
        "slug": "item",
        "entity": "catalog.item",
        "title": {"en": "Item", "zh": "物料"},
        "layout": {
            "sections": [
                {"label": {"en": "Item", "zh": "物料"}, "columns": 2, "fields": ["code", "name", "unit"]}
            ]
        },
    },
}


def put(folder, path, data):
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")


@pytest.fixture
def folder(tmp_path):
    for path, data in FILES.items():
        put(tmp_path / "small", path, data)
    return tmp_path / "small"


def install(folder):
    return package_install(actor=make.system(), folder=folder)


def test_the_same_package_again_changes_nothing(folder):
    first = install(folder)
    assert (sorted(first.written), first.same, first.kept) == (sorted(FILES), [], [])
    rule, form = AlertRule.objects.get(), FormVersion.objects.get(form__slug="item")
    again = install(folder)
    assert (again.written, sorted(again.same), again.kept) == ([], sorted(FILES), [])
    assert AlertRule.objects.get().version == rule.version
    assert FormVersion.objects.get(form__slug="item").number == form.number


def test_a_new_release_changes_what_the_plant_left_alone(folder):
    install(folder)
    put(folder, "alerts/runs_out.yaml", FILES["alerts/runs_out.yaml"] | {"options": {"within_minutes": 90}})
    assert install(folder).written == ["alerts/runs_out.yaml"]
    assert AlertRule.objects.get().options == {"within_minutes": 90}


def test_what_the_plant_changed_is_kept_and_said(folder):
    install(folder)
    own = [{"entity": "catalog.item", "actions": ["read", "update"]}]
    access.grants_set(actor=make.system(), role="buyer", grants=own)
    changed = FILES["roles/buyer.yaml"] | {"grants": [{"entity": "*", "actions": ["read"]}]}
    put(folder, "roles/buyer.yaml", changed)
    done = install(folder)
    assert done.kept == ["roles/buyer.yaml"]
    assert [(row.entity, sorted(row.actions)) for row in Grant.objects.filter(role__key="buyer")] == [
        ("catalog.item", ["read", "update"])
    ]
    assert InstalledPart.objects.get(path="roles/buyer.yaml").content["grants"][0]["actions"] == ["read"]
    assert install(folder).kept == ["roles/buyer.yaml"]  # and again at the next release


def test_what_stands_can_be_written_out_and_installed_elsewhere(folder, tmp_path):
    install(folder)
    own = [{"entity": "catalog.item", "actions": ["read", "update"]}]
    access.grants_set(actor=make.system(), role="buyer", grants=own)
    target = tmp_path / "out"
    assert package_export(folder=folder, target=target) == ["roles/buyer.yaml"]
    written = yaml.safe_load((target / "roles/buyer.yaml").read_text("utf-8"))
    assert written["grants"][0]["actions"] == ["read", "update"]
    assert sorted(str(file.relative_to(target)) for file in target.rglob("*.yaml")) == sorted(FILES)
    assert sorted(install(target).same) == sorted(FILES)


@pytest.mark.parametrize(
    ("path", "text", "word"),
    [
        ("alerts/runs_out.yaml", "key: [", "alerts/runs_out.yaml"),
        ("alerts/runs_out.yaml", "type: supply.stock_out", "key"),
        ("alerts/runs_out.yaml", "{key: k, type: no.such, title: {en: a, zh: b}}", "no.such"),
        (
            "forms/item.yaml",
            "{slug: f, entity: no.such, title: {en: a, zh: b}, layout: {}}",
            "forms/item.yaml",
        ),
    ],
)
def test_a_broken_file_is_named(folder, path, text, word):
    (folder / path).write_text(text, "utf-8")
    with pytest.raises(PackageBroken) as refusal:
        install(folder)
    assert path in refusal.value.in_language("en")
    assert word in refusal.value.in_language("en")


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])
def test_our_own_package_installs_and_is_the_same_afterwards():
    first = install(JIT_MES)
    assert len(first.written) == len(list(JIT_MES.glob("*/*.yaml")))
    again = install(JIT_MES)
    assert (again.written, again.kept) == ([], [])
