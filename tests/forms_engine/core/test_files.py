"""Files belong to the record that names them, and to nobody else."""

import datetime as dt
import io

import pytest

from forms_engine.core.files import FileNotFound, file_open
from forms_engine.core.models import Attachment
from forms_engine.core.query import query_page, record_get
from forms_engine.core.run import action_run
from forms_engine.core.services import attachment_store, entity_define
from forms_engine.core.tasks import door_purge
from forms_engine.kernel import clock
from forms_engine.kernel.errors import ErrorList
from forms_engine.kernel.schema import FieldSpec, Schema

pytestmark = pytest.mark.django_db(transaction=True)
REPORT = Schema((FieldSpec("title", "text"), FieldSpec("papers", "file", options={"max_files": 2})))
ALL = [{"entity": "x.*", "actions": ["*"]}]


@pytest.fixture
def report(admin, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    entity_define(actor=admin, key="x.report", label="Report", schema=REPORT)


def upload(actor, name="a.pdf", content=b"%PDF-1.7 text"):
    return attachment_store(actor=actor, name=name, content=io.BytesIO(content))


def test_a_file_goes_with_its_record(report, person):
    clerk = person("clerk", ALL)
    paper = upload(clerk)
    made = action_run(actor=clerk, key="x.report.create", raw={"title": "t", "papers": [str(paper.pk)]})
    assert record_get(clerk, "x.report", made.record_id)["papers"] == [paper.pk]
    colleague = person("clerk", ALL, name="colleague")
    row, handle = file_open(colleague, paper.pk)
    assert handle.read() == b"%PDF-1.7 text" and row.record_id == made.record_id
    stranger = person("stranger")
    with pytest.raises(FileNotFound):
        file_open(stranger, paper.pk)
    action_run(actor=clerk, key="x.report.update", record=made.record_id, raw={"papers": [str(paper.pk)]})


def test_a_hidden_file_field_hides_its_files(report, person):
    clerk = person("clerk", ALL)
    paper = upload(clerk)
    action_run(actor=clerk, key="x.report.create", raw={"papers": [str(paper.pk)]})
    reader = person("reader", [{"entity": "x.*", "actions": ["read"], "hidden_fields": ["papers"]}])
    assert "papers" not in query_page(reader, "x.report").rows[0]
    with pytest.raises(FileNotFound):
        file_open(reader, paper.pk)


def test_a_file_of_somebody_else_or_of_another_record_is_refused(report, person, admin):
    clerk = person("clerk", ALL)
    foreign = upload(admin)
    used = upload(clerk)
    action_run(actor=clerk, key="x.report.create", raw={"papers": [str(used.pk)]})
    for paper in (foreign.pk, used.pk, "01900000-0000-7000-8000-000000000000"):
        with pytest.raises(ErrorList) as refused:
            action_run(actor=clerk, key="x.report.create", raw={"papers": [str(paper)]})
        assert [(e.field, e.code) for e in refused.value] == [("papers", "file.unknown")]


def test_files_nobody_bound_go_after_a_day(report, person, tmp_path):
    clerk = person("clerk", ALL)
    kept, lost = upload(clerk), upload(clerk)
    action_run(actor=clerk, key="x.report.create", raw={"papers": [str(kept.pk)]})
    Attachment.objects.update(created_at=clock.real_now() - dt.timedelta(days=2))
    door_purge()
    assert (
        Attachment.objects.filter(pk=kept.pk).exists() and not Attachment.objects.filter(pk=lost.pk).exists()
    )
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [kept.pk.hex]
