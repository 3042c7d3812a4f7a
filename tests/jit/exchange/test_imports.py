"""One file into one target: guessed, checked, applied, told, repeated, stopped, undone."""

import threading
import time

import pytest
from django.conf import settings as django_settings

from forms_engine.access.actor import Actor
from forms_engine.base.jobs import JobCancelled, job_run_all
from forms_engine.base.models import Job
from forms_engine.core.run import action_run
from forms_engine.kernel.errors import BadRequest, Denied
from jit.catalog.models import Bom, BomLine, Item, Location, Plant, Supplier, Unit, UnitConversion
from jit.exchange.formats.csv_out import csv_write
from jit.exchange.formats.xlsx_out import OutSheet, xlsx_write
from jit.exchange.models import ImportBatch, ImportMapping, ImportProblem
from jit.exchange.sandbox import workbook_rows
from jit.exchange.services.imports import import_configure, import_run, import_start, import_upload
from jit.exchange.services.undo import ImportNotApplied, Undone, import_undo
from jit.exchange.texts import FileRefused
from jit.planning.models import Demand
from jit.stock.models import Balance, Posting, StockMove

ACTOR = Actor.system("import")


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def plant(db):
    made = Plant.objects.create(code="P1", name="Plant")
    Unit.objects.create(code="个", name="个")
    Location.objects.create(code="A-01", name="A-01", kind="STORE", plant=made)
    return made


MESSY = xlsx_write(
    [
        OutSheet(
            "物料",
            ["某某公司物料表", "", "", ""],
            [
                ["物料编码", "名称", "计划", ""],
                ["", "", "单位", "安全库存(个)"],
                ["00123", "螺栓 M8", "个", "１２"],
                ["1E5", "螺母", "个", 5],
                ["SEPT1", "垫片", "个", "很多"],
                ["", "", "", ""],
                ["00124", "支架", "箱", 1.5],
            ],
        )
    ]
)


def done(batch):
    job_run_all()
    batch.refresh_from_db()
    return batch


def test_a_messy_workbook_is_checked_applied_and_the_bad_rows_come_back(plant):
    """T39: bad rows are listed and good ones kept; a dry run writes nothing."""
    batch = import_upload(actor=ACTOR, target="catalog.item", file_name="物料.xlsx", data=MESSY)
    assert (batch.header_row, batch.mapping) == (
        3,
        {"0": "code", "1": "name", "2": "unit", "3": "safety_stock"},
    )
    action_run(actor=ACTOR, key="exchange.importbatch.check", record=batch.pk)
    done(batch)
    assert (batch.state, batch.rows_in, batch.created_rows, batch.rejected_rows) == ("CHECKED", 4, 2, 2)
    assert Item.objects.count() == 0
    action_run(actor=ACTOR, key="exchange.importbatch.apply", record=batch.pk)
    done(batch)
    assert batch.state == "APPLIED"
    assert (
        batch.rows_in == batch.created_rows + batch.updated_rows + batch.unchanged_rows + batch.rejected_rows
    )
    assert dict(Item.objects.values_list("code", "name")) == {"00123": "螺栓 M8", "1E5": "螺母"}
    assert Item.objects.get(code="00123").safety_stock == 12
    problems = list(ImportProblem.objects.order_by("row").values_list("row", "column", "field", "code"))
    assert problems == [(6, 4, "safety_stock", "not_a_number"), (8, 3, "unit", "reference.unknown")]
    assert all(p.message["en"] and p.message["zh"] for p in ImportProblem.objects.all())
    back = list(workbook_rows(batch.result_file.read()))
    assert [row[0] for row in back[1:]] == ["SEPT1", "00124"]
    assert "数字" in back[1][6] and "not a number" in back[1][5]


def test_a_rule_of_the_table_is_told_at_its_cell_with_the_rows_other_faults(plant):
    """Two columns that do not go together are one fault, marked at the later one."""
    for code in ("S", "W"):
        Supplier.objects.create(code=code, name=code)
    Location.objects.create(code="D1", name="D1", kind="DOCK", plant=plant)
    Item.objects.create(code="X", name="X", unit=Unit.objects.get())
    text = (
        "external_id,supplier,plant,dock,item,quantity,earliest,latest\n"
        "1,S,P1,D1,X,5,2026-11-30 08:00,2026-11-30 09:00\n"
        "2,S,P1,D1,NONE,0,2026-11-30 09:00,2026-11-30 08:00\n"
    )
    batch = import_upload(
        actor=ACTOR, target="supply.inboundrequirement", file_name="in.csv", data=text.encode()
    )
    import_start(actor=ACTOR, batch=batch, dry_run=False)
    done(batch)
    assert (batch.created_rows, batch.rejected_rows) == (1, 1)
    problems = ImportProblem.objects.order_by("column").values_list("row", "column", "field", "code")
    assert list(problems) == [
        (3, 5, "item", "reference.unknown"),
        (3, 6, "quantity", "value.not_allowed"),
        (3, 8, "latest", "value.not_allowed"),
    ]
    assert ImportProblem.objects.get(field="latest").message == {
        "en": "Earliest must not be after Latest.",
        "zh": "最早到达不得晚于最晚到达。",
    }


def test_an_import_made_again_changes_nothing(plant):
    for expected in ((2, 0), (0, 2)):
        batch = import_upload(actor=ACTOR, target="catalog.item", file_name="a.xlsx", data=MESSY)
        import_start(actor=ACTOR, batch=batch, dry_run=False)
        done(batch)
        assert (batch.created_rows, batch.unchanged_rows) == expected
    assert set(Item.objects.values_list("version", flat=True)) == {1}


def test_a_chosen_column_is_remembered_and_a_wrong_mapping_refused(plant):
    data = csv_write(["Artikel", "Bezeichnung", "ME"], [["1", "x", "个"]], delimiter=";")
    batch = import_upload(actor=ACTOR, target="catalog.item", file_name="a.csv", data=data)
    assert batch.delimiter == ";" and "code" not in batch.mapping.values()
    with pytest.raises(BadRequest, match=r"编码|code"):
        import_start(actor=ACTOR, batch=batch, dry_run=True)
    for wrong in ({"0": "code", "1": "code", "2": "unit"}, {"9": "code"}, {"0": "nonsense"}):
        with pytest.raises(BadRequest):
            import_configure(actor=ACTOR, batch=batch, mapping=wrong)
    import_configure(actor=ACTOR, batch=batch, mapping={"0": "code", "1": "name", "2": "unit"})
    assert ImportMapping.objects.count() == 3
    again = import_upload(actor=ACTOR, target="catalog.item", file_name="b.csv", data=data)
    assert again.mapping == {"0": "code", "1": "name", "2": "unit"}


def test_all_or_nothing_leaves_nothing_when_a_row_is_bad(plant):
    batch = import_upload(actor=ACTOR, target="catalog.item", file_name="a.xlsx", data=MESSY)
    import_configure(actor=ACTOR, batch=batch, mapping=batch.mapping, stop_on_error=True)
    import_start(actor=ACTOR, batch=batch, dry_run=False)
    done(batch)
    assert (batch.state, batch.rejected_rows, Item.objects.count()) == ("CHECKED", 2, 0)


def test_an_import_is_taken_back(transactional_db):
    """Rows it made go, rows it changed get their old values."""
    Item.objects.create(code="00123", name="Old name", unit=Unit.objects.create(code="个", name="个"))
    batch = import_upload(actor=ACTOR, target="catalog.item", file_name="a.xlsx", data=MESSY)
    import_start(actor=ACTOR, batch=batch, dry_run=False)
    done(batch)
    assert (batch.created_rows, batch.updated_rows) == (1, 1)
    answer = action_run(actor=ACTOR, key="exchange.importbatch.undo", record=batch.pk).data
    assert answer == {"removed": 1, "restored": 1, "kept": 0}
    assert list(Item.objects.values_list("code", "name", "safety_stock")) == [("00123", "Old name", 0)]
    batch.refresh_from_db()
    assert batch.state == "UNDONE"


def test_what_was_used_or_changed_since_stays_when_an_import_is_taken_back(transactional_db):
    Unit.objects.create(code="个", name="个")
    batch = import_upload(actor=ACTOR, target="catalog.item", file_name="a.xlsx", data=MESSY)
    import_start(actor=ACTOR, batch=batch, dry_run=False)
    done(batch)
    used, changed = Item.objects.get(code="00123"), Item.objects.get(code="1E5")
    Bom.objects.create(item=used)
    Item.objects.filter(pk=changed.pk).update(name="Renamed since")
    assert import_undo(actor=ACTOR, batch=batch) == Undone(removed=0, restored=0, kept=2)
    assert Item.objects.count() == 2
    with pytest.raises(ImportNotApplied):
        import_undo(actor=ACTOR, batch=batch)


def test_stock_rows_imported_twice_give_the_same_balances(plant):
    """T10: a thousand rows of another system, twice; the second time nothing is posted."""
    unit = Unit.objects.get()
    Item.objects.bulk_create([Item(code=f"{n:04d}", name="x", unit=unit) for n in range(500)])
    rows = [[f"{n % 500:04d}", "A-01", f"L{n // 500}", n + 0.5] for n in range(1000)]
    data = xlsx_write([OutSheet("库存", ["料号", "库位", "批次", "现存量"], rows)])
    seen = []
    for _time in range(2):
        batch = import_upload(actor=ACTOR, target="stock", file_name="库存.xlsx", data=data)
        assert sorted(batch.mapping.values()) == ["item", "location", "lot", "quantity"]
        import_start(actor=ACTOR, batch=batch, dry_run=False)
        done(batch)
        seen.append((batch.created_rows, batch.unchanged_rows, batch.rejected_rows))
        seen.append((Posting.objects.count(), StockMove.objects.count()))
        seen.append(sorted(Balance.objects.values_list("item__code", "lot__code", "quantity")))
    assert seen[0] == (1000, 0, 0) and seen[3] == (0, 1000, 0)
    assert seen[1] == seen[4] and seen[2] == seen[5]
    assert sum(Balance.objects.filter(location__code="A-01").values_list("quantity", flat=True)) == 500_000


def test_a_bad_stock_row_is_told_and_the_rest_posted(plant):
    Item.objects.create(code="1", name="x", unit=Unit.objects.get())
    rows = [
        ["1", "A-01", 5],
        ["1", "A-01", 6],
        ["2", "A-01", 1],
        ["1", "B", 1],
        ["1", "A-01", -1],
        ["", "A-01", 1],
    ]
    data = csv_write(["物料", "库位", "数量"], rows)
    batch = import_upload(actor=ACTOR, target="stock", file_name="s.csv", data=data)
    import_start(actor=ACTOR, batch=batch, dry_run=False)
    done(batch)
    found = list(ImportProblem.objects.order_by("row").values_list("row", "field", "code"))
    assert found == [
        (3, "item", "duplicate"), (4, "item", "unknown"), (5, "location", "unknown"),
        (6, "quantity", "negative"), (7, "item", "required"),
    ]  # fmt: skip
    assert Balance.objects.get(location__code="A-01").quantity == 5


def test_a_bom_list_makes_heads_and_lines_and_refuses_a_circle(plant):
    unit = Unit.objects.get()
    Item.objects.bulk_create([Item(code=c, name=c, unit=unit) for c in "ABCD"])
    rows = [
        ["A", "B", 2, ""], ["A", "C", "1,5", "否"], ["B", "C", 1, ""], ["C", "A", 1, ""], ["A", "X", 1, ""],
        ["B", "D", 3, ""], ["A", "D", 1, "是"],
    ]  # fmt: skip
    data = csv_write(["父件", "子件", "用量", "虚拟件"], rows, delimiter=";")
    for expected in ((4, 0, 3), (0, 4, 3)):
        batch = import_upload(actor=ACTOR, target="bom", file_name="bom.csv", data=data)
        import_start(actor=ACTOR, batch=batch, dry_run=False)
        done(batch)
        assert (batch.created_rows, batch.unchanged_rows, batch.rejected_rows) == expected
    assert Bom.objects.count() == 2
    lines = BomLine.objects.order_by("bom__item__code", "line_no")
    assert list(lines.values_list("bom__item__code", "component__code", "quantity_per", "line_no")) == [
        ("A", "B", 2, 10), ("A", "C", 1.5, 20), ("B", "C", 1, 10), ("B", "D", 3, 20),
    ]  # fmt: skip
    problems = dict(ImportProblem.objects.filter(batch=batch).values_list("row", "code"))
    assert problems == {5: "cycle", 6: "reference.unknown", 8: "no_phantom"}
    assert "C → A" in ImportProblem.objects.filter(batch=batch, row=5).get().message["en"]


def test_who_may_not_import_is_told_so(plant):
    nobody = Actor(kind="person", id="p", name="p", roles=frozenset({"reader"}))
    with pytest.raises(Denied):
        import_upload(actor=nobody, target="catalog.item", file_name="a.xlsx", data=MESSY)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.exe", b"MZ", "exchange.file.kind_unknown"),
        ("a.xlsx", b"PK\x03\x04 broken", "exchange.file.not_a_workbook"),
        ("a.csv", b"", "exchange.file.empty"),
        ("a.csv", b"a,\x00b", "exchange.file.binary"),
        ("a.csv", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "exchange.file.binary"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "exchange.file.not_a_workbook"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(plant, name, data, code):
    with pytest.raises(FileRefused) as refusal:
        import_upload(actor=ACTOR, target="catalog.item", file_name=name, data=data)
    assert refusal.value.code == code and refusal.value.in_language("zh") != refusal.value.in_language("en")


def items_csv(count):
    return csv_write(["code", "name", "unit"], [[f"{n:06d}", f"零件 {n}", "个"] for n in range(count)])


def test_a_cancelled_import_leaves_no_row(transactional_db):
    """Stopped in the middle, nothing of it stays, and the import says so."""
    Unit.objects.create(code="个", name="个")
    batch = import_upload(actor=ACTOR, target="catalog.item", file_name="a.csv", data=items_csv(5000))

    def note(count, total):
        if count >= 3000:
            raise JobCancelled("stop")

    with pytest.raises(JobCancelled):
        import_run(actor=ACTOR, batch_id=batch.pk, dry_run=False, note=note)
    batch.refresh_from_db()
    assert (batch.state, Item.objects.count()) == ("CANCELLED", 0)


@pytest.mark.slow
def test_a_hundred_thousand_rows_show_progress_and_can_be_stopped(transactional_db):
    """Progress is seen from outside while the rows are written; a cancel leaves none; then all go in."""
    Unit.objects.create(code="个", name="个")
    data = items_csv(100_000)
    batch = import_upload(actor=ACTOR, target="catalog.item", file_name="a.csv", data=data)
    job = import_start(actor=ACTOR, batch=batch, dry_run=False)
    seen = []

    def watch():
        while True:
            row = Job.objects.get(pk=job.pk)
            seen.append(row.done_units)
            if row.done_units > 20_000:
                action_run(actor=ACTOR, key="exchange.importbatch.cancel", record=batch.pk)
                return
            if row.state in ("DONE", "FAILED"):
                return
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    job_run_all()
    watcher.join()
    batch.refresh_from_db()
    job.refresh_from_db()
    assert (job.state, batch.state, Item.objects.count()) == ("CANCELLED", "CANCELLED", 0)
    assert len(set(seen)) > 3 and 20_000 < max(seen) < 100_000

    begun = time.perf_counter()
    import_start(actor=ACTOR, batch=batch, dry_run=False)
    done(batch)
    took = time.perf_counter() - begun
    assert (batch.state, batch.created_rows, Item.objects.count()) == ("APPLIED", 100_000, 100_000)
    assert took < 120, f"100,000 rows took {took:.0f} s"


def test_the_plants_zone_is_the_one_for_times_without_one(plant):
    batch = import_upload(actor=ACTOR, target="catalog.item", file_name="a.xlsx", data=MESSY)
    assert batch.zone == django_settings.PLANT_TIME_ZONE
    with pytest.raises(BadRequest, match=r"Mars"):
        import_configure(actor=ACTOR, batch=batch, mapping=batch.mapping, zone="Mars/Olympus")


def test_suppliers_are_imported_with_their_phone_numbers_as_text(plant):
    data = csv_write(
        ["供应商编码", "供应商名称", "联系人", "联系电话"], [["0007", "华东精密", "王", "013800000000"]]
    )
    batch = import_upload(actor=ACTOR, target="catalog.supplier", file_name="供应商.csv", data=data)
    import_start(actor=ACTOR, batch=batch, dry_run=False)
    done(batch)
    assert list(Supplier.objects.values_list("code", "name", "contact", "phone")) == [
        ("0007", "华东精密", "王", "013800000000")
    ]
    assert ImportBatch.objects.get().file_sha256


def test_cells_may_name_another_unit(plant):
    """A count in boxes and a demand in boxes are kept in pieces; a unit nobody knows is that row's error."""
    piece, box = Unit.objects.get(code="个"), Unit.objects.create(code="BOX", name="箱")
    item = Item.objects.create(code="A", name="A", unit=piece)
    UnitConversion.objects.create(item=item, from_unit=box, to_unit=piece, numerator=24)
    counted = csv_write(["item", "location", "quantity"], [["A", "A-01", "2 箱"]])
    asked = csv_write(
        ["number", "plant", "item", "quantity", "due_at"],
        [
            ["D1", "P1", "A", "3 box", "2026-11-25 08:00"],
            ["D2", "P1", "A", "7", "2026-11-25 08:00"],
            ["D3", "P1", "A", "7 桶", "2026-11-25 08:00"],
        ],
    )
    for target, data in (("stock", counted), ("planning.demand", asked)):
        batch = import_upload(actor=ACTOR, target=target, file_name="a.csv", data=data)
        import_start(actor=ACTOR, batch=batch, dry_run=False)
        done(batch)
    assert Balance.objects.get(item=item, location__code="A-01").quantity == 48
    assert dict(Demand.objects.values_list("number", "quantity")) == {"D1": 72, "D2": 7}
    assert list(ImportProblem.objects.values_list("row", "field", "code")) == [
        (4, "quantity", "catalog.unit.unknown")
    ]


HEADINGS = "物料编码,名称,单位\n"


@pytest.mark.parametrize("rows", ["", "\n", "\n,,\n"])
def test_headings_without_a_row_are_refused_at_the_upload(plant, rows):
    with pytest.raises(FileRefused) as refused:
        import_upload(
            actor=ACTOR, target="catalog.item", file_name="items.csv", data=(HEADINGS + rows).encode()
        )
    assert refused.value.code == "exchange.file.no_rows"
    assert "No rows under the headings (row 1)" in refused.value.in_language("en")
    assert "标题行（第 1 行）下面没有数据行" in refused.value.in_language("zh-hans")
    assert not ImportBatch.objects.exists()


def test_an_import_that_finds_no_row_has_failed_and_says_so(plant):
    data = f"{HEADINGS}00123,螺栓,个\n".encode()
    batch = import_upload(actor=ACTOR, target="catalog.item", file_name="items.csv", data=data)
    mapping = dict(batch.mapping)
    batch = import_configure(actor=ACTOR, batch=batch, mapping=mapping, header_row=2)
    import_start(actor=ACTOR, batch=batch, dry_run=False)
    job_run_all()
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.FAILED and batch.error
    assert not Item.objects.exists()
