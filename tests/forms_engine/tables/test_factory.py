"""Models made at run time behave like models, and never hold an old catalogue alive."""

from __future__ import annotations

import copy
import gc
import pickle
import time
import weakref

import pytest
from django.db import models

from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.tables.apply import apply
from forms_engine.tables.checks import reserved_prefix
from forms_engine.tables.factory import BUILD_ALL_UP_TO, Catalog, EntityTable, catalog, catalog_swap
from forms_engine.tables.plan import plan
from jit.catalog.models import Item
from jit.stock.models import Lot
from tests.forms_engine.made_tables import MELT, add_melt, make_table, run

committed = pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])

CAST = Schema(
    (
        FieldSpec("number", "text"),
        FieldSpec("melt", "reference", options={"target": "x.melt"}),
        FieldSpec("lot", "reference", options={"target": "stock.lot"}),
    )
)
LOT_MORE = Schema((FieldSpec("x_luhao", "text"),))


def tables() -> list[EntityTable]:
    return [
        EntityTable("x.cast", "x_cast", CAST, Text("Cast", "铸件")),
        EntityTable("x.melt", "x_melt", MELT, Text("Melt", "熔炼")),
        EntityTable("stock.lot", "stock_lot", LOT_MORE, Text("Lot", "批次"), Lot),
    ]


@pytest.fixture
def current():
    """A catalogue of this test, in place of the current one."""
    before = catalog()
    made = Catalog(before.version + 1, tables())
    catalog_swap(made)
    yield made
    catalog_swap(before)


def test_a_generated_model_has_the_columns_of_its_schema(current):
    melt = current.model("x.melt")
    names = {field.column for field in melt._meta.concrete_fields}
    assert names == {"id", "created_at", "updated_at", "version", "archived_at", "code", "weight", "note"}
    assert melt._meta.db_table == "x_melt" and not melt._meta.managed
    with pytest.raises(NotFound):
        current.model("x.nothing")


def test_references_lead_to_shadows_where_added_fields_can_be_filtered(current):
    cast = current.model("x.cast")
    query = str(cast.objects.filter(lot__x_luhao="A", melt__code="M1", lot__item__code="I1").query)
    assert (
        '"stock_lot"."x_luhao"' in query and '"x_melt"."code"' in query and '"catalog_item"."code"' in query
    )
    assert "x_luhao" not in {field.name for field in Lot._meta.get_fields()}


def test_static_models_and_their_registry_are_left_alone(current):
    assert current.model("stock.lot") is not Lot
    assert Lot._meta.get_field("item").related_model is Item
    assert not [
        field for field in Item._meta.related_objects if field.related_model.__module__.endswith("factory")
    ]


def test_users_of_an_entity_are_known(current):
    assert current.users_of("x.melt") == [("x.cast", "melt")]


def test_instances_are_equal_copied_and_pickled_across_catalogues(current):
    one = current.model("x.melt")(code="M1")
    assert copy.copy(one) == one and copy.deepcopy(one).code == "M1"
    again = pickle.loads(pickle.dumps(one))  # noqa: S301 our own bytes
    assert again == one and again.code == "M1"
    other = Catalog(99, tables()).model("x.melt")(id=one.pk)
    assert other == one and hash(other) == hash(one) and type(other) is not type(one)
    assert one != current.model("x.cast")(id=one.pk)
    assert one != Lot(id=one.pk)


def test_an_old_catalogue_is_freed():
    made = Catalog(1, tables())
    made.model("x.cast").objects.none()
    alive = weakref.ref(made.model("x.melt"))
    del made
    gc.collect()
    assert alive() is None


def test_many_entities_are_built_when_they_are_asked_for():
    count = BUILD_ALL_UP_TO + 1
    many = [EntityTable(f"x.t{i}", f"x_t{i}", MELT, Text(f"T{i}")) for i in range(count)]
    start = time.perf_counter()
    made = Catalog(1, [*many, *tables()])
    assert not made._built and time.perf_counter() - start < 0.2
    made.model("x.cast")
    assert "x.melt" in made._built and "x.t1" not in made._built


@committed
def test_rows_are_read_and_written_through_generated_models(current):
    make_table()
    table_of = {table.key: table.table for table in tables()}.__getitem__
    apply(plan(None, CAST, "x_cast", table_of=table_of))
    apply(plan(Schema(()), LOT_MORE, "stock_lot"))
    melt = add_melt("M1", weight="2.5")
    cast = current.model("x.cast").objects.create(number="C1", melt_id=melt)
    found = current.model("x.cast").objects.select_related("melt").get(melt__weight__gt=2)
    assert found == cast and found.melt.code == "M1"
    run("UPDATE x_melt SET note = 'n' WHERE id = %s", [melt])
    found.melt.refresh_from_db()
    assert (found.melt.note, found.melt.version) == ("n", 2)


def test_the_prefix_of_added_fields_is_reserved():
    assert reserved_prefix(None) == []

    class Taken(models.Model):
        x_factor = models.IntegerField()

        class Meta:
            app_label = "tables"
            db_table = "x_taken"

    try:
        assert [error.id for error in reserved_prefix(None)] == ["takt.E001", "takt.E002"]
    finally:
        del Taken._meta.apps.all_models["tables"]["taken"]
        Taken._meta.apps.clear_cache()
