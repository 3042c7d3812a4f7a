"""The import pages as a person uses them: upload, look at the columns, check, import, download."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from forms_engine.access.actor import Actor
from forms_engine.access.models import User
from forms_engine.base.jobs import job_run_all
from forms_engine.packages.services import package_install
from jit.catalog.models import Item, Supplier, Unit
from jit.exchange.formats.csv_out import csv_write
from jit.exchange.formats.xlsx_out import OutSheet, xlsx_write
from jit.exchange.models import ImportBatch
from jit.exchange.sandbox import workbook_rows
from jit.exchange.services.folders import import_folder
from jit.exchange.targets.registry import targets_all
from jit.supply.models import InboundRequirement
from tests.shared_data import shared_folder

ROWS = [["00123", "螺栓", "个"], ["00124", "螺母", "箱"]]


@pytest.fixture
def client(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    Unit.objects.create(code="个", name="个")
    made = Client()
    made.force_login(User.objects.create_superuser(username="planner", password="a long enough one"))
    return made


def uploaded(client, name="物料.xlsx", data=None, target="catalog.item"):
    data = data if data is not None else xlsx_write([OutSheet("物料", ["料号", "品名", "计量单位"], ROWS)])
    return client.post(
        reverse("exchange:imports"), {"target": target, "file": SimpleUploadedFile(name, data)}
    )


def test_from_the_upload_to_the_refused_rows(client):
    answer = uploaded(client)
    batch = ImportBatch.objects.get()
    page = reverse("exchange:import", args=[batch.pk])
    assert (answer.status_code, answer.url) == (302, page)
    offered = {target.key: target.label.in_language("zh") for target in targets_all()}
    assert offered["bom"] != offered["catalog.bom"]
    text = client.get(page).content.decode()
    assert "料号" in text and "00123 · 00124" in text and 'value="code" selected' in text

    columns = {"column-0": "code", "column-1": "name", "column-2": "unit", "zone": "Asia/Shanghai"}
    save = reverse("exchange:columns", args=[batch.pk])
    assert client.post(save, {**columns, "then": "check"}).url == page
    assert "hx-get" in client.get(page).content.decode()
    job_run_all()
    state = client.get(reverse("exchange:state", args=[batch.pk]))
    assert state["HX-Refresh"] == "true" and Item.objects.count() == 0
    client.post(save, {**columns, "then": "apply"})
    job_run_all()
    text = client.get(page).content.decode()
    fault = text[text.index('data-label="原因"') - 400 : text.index('data-label="原因"')]
    assert ">计量单位<" in fault and ">箱<" in fault
    assert list(Item.objects.values_list("code", flat=True)) == ["00123"]
    result = client.get(reverse("exchange:result", args=[batch.pk]))
    rows = list(workbook_rows(b"".join(result.streaming_content)))
    assert rows[1][:3] == ["00124", "螺母", "箱"]
    assert client.post(reverse("exchange:do", args=[batch.pk, "undo"])).url == page
    assert Item.objects.count() == 0


def test_the_page_says_how_the_file_was_read_and_another_encoding_may_be_chosen(client):
    text = "Kürzel;Name\r\n0007;Müller\r\n"
    uploaded(client, "a.csv", text.encode("cp1252"), "catalog.supplier")
    batch = ImportBatch.objects.get()
    page = reverse("exchange:import", args=[batch.pk])
    shown = client.get(page).content.decode()
    assert "Müller" in shown and '<option value="cp1252" selected>西欧' in shown
    assert "文件按西欧（Windows-1252）读取" in shown

    again = reverse("exchange:do", args=[batch.pk, "reread"])
    assert client.post(again, {"encoding": "gb18030"}).url == page
    shown = client.get(page).content.decode()
    assert "Müller" not in shown and '<option value="gb18030" selected>' in shown
    refused = client.post(again, {"encoding": "utf-8"})
    assert refused.status_code == 422 and "无法按所选编码（utf-8）读取" in refused.content.decode()
    assert client.post(again, {"encoding": "klingon"}).status_code == 422
    client.post(again, {"encoding": "cp1252"})
    columns = {"column-0": "code", "column-1": "name", "zone": "Asia/Shanghai"}
    save = reverse("exchange:columns", args=[batch.pk])
    client.post(save, {**columns, "then": "check"})
    job_run_all()
    assert "文件按西欧（Windows-1252）读取" in client.get(page).content.decode()
    client.post(save, {**columns, "then": "apply"})
    job_run_all()
    assert list(Supplier.objects.values_list("code", "name")) == [("0007", "Müller")]
    assert "重新读取" not in client.get(page).content.decode()  # what is imported is undone first
    assert client.post(again, {"encoding": "gb18030"}).status_code == 422
    assert ImportBatch.objects.get().encoding == "cp1252"


def test_another_encoding_finds_headings_and_columns_anew_also_over_the_api(client):
    uploaded(
        client, "a.csv", "供应商编码,供应商名称\r\n0007,华东精密\r\n".encode("gb18030"), "catalog.supplier"
    )
    batch = ImportBatch.objects.get()
    url = f"/api/v1/exchange.importbatch/{batch.pk}/reread/"
    assert batch.mapping == {"0": "code", "1": "name"}
    for encoding, header in (("cp1252", "¹©Ó¦ÉÌ±àÂë"), ("gb18030", "供应商编码")):
        answer = client.post(url, {"encoding": encoding}, content_type="application/json")
        assert answer.status_code == 200, answer.content
        batch.refresh_from_db()
        assert (batch.encoding, batch.header[0]) == (encoding, header)
    assert batch.mapping == {"0": "code", "1": "name"} and batch.delimiter == ","
    client.force_login(User.objects.create_user(username="guest", password="a long enough one"))
    answer = client.post(url, {"encoding": "cp1252"}, content_type="application/json")
    assert answer.status_code in (403, 404)


def test_a_workbook_has_no_encoding_to_choose(client):
    uploaded(client)
    batch = ImportBatch.objects.get()
    assert "文件编码" not in client.get(reverse("exchange:import", args=[batch.pk])).content.decode()
    again = client.post(reverse("exchange:do", args=[batch.pk, "reread"]), {"encoding": "utf-8"})
    assert again.status_code == 422


def test_a_wrong_mapping_and_a_bad_file_are_said_on_the_page(client):
    uploaded(client)
    batch = ImportBatch.objects.get()
    answer = client.post(reverse("exchange:columns", args=[batch.pk]), {"column-0": "code", "then": "apply"})
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    answer = uploaded(client, name="x.xlsx", data=b"no workbook")
    assert answer.status_code == 422 and "工作簿" in answer.content.decode()
    assert client.post(reverse("exchange:do", args=[batch.pk, "delete"])).status_code == 404


def test_a_long_file_name_and_an_odd_sheet_are_no_fault(client):
    """The name was cut with its ending, and the page of the import could not be opened any more."""
    answer = uploaded(client, name="物" * 300 + ".csv", data="料号,品名\n1,x\n".encode())
    assert client.get(answer.url).status_code == 200
    book = xlsx_write([OutSheet("物料", ["料号"], [["1"]])])
    for sheet in ("\0", "a\0b", "没有"):
        file = SimpleUploadedFile("a.xlsx", book)
        answer = client.post(
            reverse("exchange:imports"), {"target": "catalog.item", "sheet": sheet, "file": file}
        )
        assert answer.status_code == 422 and "没有" in answer.content.decode()


def test_a_sample_file_comes_back_with_every_column_known(client):
    answer = client.get(reverse("exchange:sample", args=["catalog.item"]))
    header = [str(cell) for cell in next(workbook_rows(answer.content))]
    refused = uploaded(client, name="sample.xlsx", data=answer.content)
    assert refused.status_code == 422 and "下面没有数据行" in refused.content.decode()
    uploaded(client, name="sample.csv", data=csv_write(header, [["x"] * len(header)]))
    batch = ImportBatch.objects.get()
    assert len(batch.mapping) == len(batch.header)


def test_the_list_says_what_was_imported_into_in_words(client):
    uploaded(client)
    text = client.get(reverse("exchange:imports")).content.decode()
    row = text[text.index("<tbody") :]
    assert "物料</td>" in row and "catalog.item</td>" not in row


def test_only_people_come_in_and_see_their_own_plant(client):
    uploaded(client)
    batch = ImportBatch.objects.get()
    assert Client().get(reverse("exchange:imports")).status_code == 302
    stranger = Client()
    stranger.force_login(User.objects.create_user(username="nobody", password="a long enough one"))
    assert stranger.get(reverse("exchange:import", args=[batch.pk])).status_code == 404
    assert uploaded(stranger).status_code == 422
    assert ImportBatch.objects.count() == 1 and io.BytesIO(batch.file.read()).getvalue()


def test_a_folder_is_loaded_from_the_page(client):
    """The files of an inbound data set, chosen in the browser, become requirements and trucks."""
    folder = shared_folder("renault_inbound") / "CC6"
    files = [
        SimpleUploadedFile(f"{n}.csv", (folder / f"{n}.csv").read_bytes())
        for n in ("input_items", "input_trucks")
    ]
    sent = {"files": files, "name": "CC6", "zone": "Europe/Paris", "as_of": "2023-06-01T06:00"}
    answer = client.post(reverse("exchange:folder-upload"), sent)
    assert answer.status_code == 302
    job_run_all()
    text = client.get(answer.url).content.decode()
    assert "入厂需求" in text and "2,138" in text and "hx-get" not in text
    assert InboundRequirement.objects.filter(batch="CC6").count() == 2138
    assert client.post(reverse("exchange:folder-upload"), {"name": "x"}).status_code == 422


def test_a_folder_names_the_file_with_headings_only(client):
    files = [
        SimpleUploadedFile("单位.csv", csv_write(["编码", "名称"], [["米", "米"]])),
        SimpleUploadedFile("供应商.csv", csv_write(["供应商编码", "供应商名称"], [])),
    ]
    answer = client.post(reverse("exchange:folder-upload"), {"files": files})
    job_run_all()
    text = client.get(answer.url).content.decode()
    assert "以下文件未导入任何内容" in text and "供应商.csv: 只有表头，没有数据行" in text
    assert Unit.objects.filter(code="米").exists()


def test_the_ready_planner_may_load_a_whole_plant(client):
    """The package's planner needs no further right for any step, stock and orders included."""
    package_install(actor=Actor.system("setup"), folder=Path(settings.BASE_DIR) / "jit/packages/jit_mes")
    planner = Actor(kind="person", id="p", name="p", roles=frozenset({"planner"}))
    result = import_folder(actor=planner, folder=shared_folder("bom_inventree"))
    assert result.rejected == 0 and len(result.steps) == 11
    result = import_folder(
        actor=planner, folder=shared_folder("renault_inbound") / "CC6", zone="Europe/Paris"
    )
    assert result.rejected == 0 and len(result.steps) == 11
