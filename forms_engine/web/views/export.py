"""A list as a workbook: what one may see, typed, and safe to open (no cell is ever a formula)."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_GET

from forms_engine.access import policy
from forms_engine.access.actor import actor_of
from forms_engine.core.entity import Entity, entity
from forms_engine.core.query import query_iter
from forms_engine.forms.guard import signed_in
from forms_engine.forms.shown import local, shown
from forms_engine.kernel import clock
from forms_engine.web.views.records import spec_of

MOST_ROWS = 100_000
DIGITS_OF_EXCEL = 15
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
@require_GET
def record_export(request: HttpRequest, key: str) -> HttpResponse:
    """Return the list as it is searched, filtered and sorted, all its pages, at most 100,000 rows."""
    actor, noun = actor_of(request), entity(key)
    policy.require(actor, policy.READ, noun)
    hidden = policy.field_rights(actor, noun).hidden
    names = [
        spec.name
        for spec in noun.schema
        if spec.name in noun.fields  # a column like `held_from` is the state machine's own, and no field
        and spec.type != "table"
        and spec.name not in hidden
        and noun.fields[spec.name].column
    ]
    file = tempfile.TemporaryFile()  # noqa: SIM115  (FileResponse closes it when it has been sent)
    _write(file, noun, names, query_iter(actor, key, spec_of(request, noun, names)))
    file.seek(0)
    stamp = clock.now().astimezone(clock.plant_zone()).strftime("%Y%m%d-%H%M")
    return FileResponse(file, as_attachment=True, filename=f"{key}-{stamp}.xlsx", content_type=TYPE)


def _write(file: BinaryIO, noun: Entity, names: list[str], rows: Any) -> None:
    language = translation.get_language() or "en"
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    formats = {
        "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(names):
        sheet.write_string(0, column, noun.fields[name].spec.label.in_language(language), bold)
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS:
            break
        for column, name in enumerate(names):
            _cell(sheet, number, column, noun, name, row.get(name), language, formats)
    book.close()


def _cell(
    sheet: Any,
    row: int,
    column: int,
    noun: Entity,
    name: str,
    value: Any,
    language: str,
    formats: Mapping[str, Any],
) -> None:
    """Write one cell so that Excel can add it up or sort it: numbers as numbers, days as days."""
    if value is None or value == "":
        return
    spec = noun.fields[name].spec
    is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    if spec.type in ("decimal", "quantity", "integer", "formula") and is_number and _fits(value):
        sheet.write_number(row, column, float(value))
    elif spec.type == "datetime":
        when = local(value)
        if isinstance(when, dt.datetime):
            sheet.write_datetime(row, column, when.replace(tzinfo=None), formats["datetime"])
        else:
            sheet.write_string(row, column, str(value))
    elif spec.type == "date" and isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, formats["date"])
    else:
        sheet.write_string(row, column, shown(spec, value, language).text)


def _fits(value: Any) -> bool:
    """True when Excel's numbers hold every digit; longer ones go out as text, nothing is rounded silently."""
    return len(Decimal(str(value)).normalize().as_tuple().digits) <= DIGITS_OF_EXCEL
