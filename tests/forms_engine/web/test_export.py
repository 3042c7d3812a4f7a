"""A list leaves as a workbook: all rows one may see, numbers as numbers, and nothing a formula."""

import io

import pytest
from python_calamine import CalamineWorkbook

from forms_engine.access.services import user_create
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])


@pytest.fixture
def admin(client):
    user = user_create(actor=make.system(), username="boss", password="long-enough-1", is_superuser=True)
    client.force_login(user)
    return client


def test_a_list_becomes_a_workbook_without_formulas(admin):
    make.item("00123", name="=HYPERLINK(1)", safety_stock="12.5")
    make.item("1E5", name="@SUM(A1)")
    answer = admin.get("/e/catalog.item/export.xlsx?sort=code", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(
        0
    )
    header, *rows = sheet.to_python()
    found = {row[header.index(header[0])]: row for row in rows}
    assert set(found) == {"00123", "1E5"}
    assert "=HYPERLINK(1)" in found["00123"]
    assert 12.5 in found["00123"]


def test_nobody_without_the_right_gets_the_workbook(client):
    user = user_create(actor=make.system(), username="nobody", password="long-enough-1")
    client.force_login(user)
    assert client.get("/e/catalog.item/export.xlsx").status_code == 403
