"""One file into one target: upload, look, map, check, apply, cancel, undo."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.conf import settings
from django.core.files.base import ContentFile

from forms_engine.access.actor import Actor
from forms_engine.access.policy import require
from forms_engine.access.walls import walls
from forms_engine.base import db
from forms_engine.base.jobs import JobCancelled, job_cancel, job_start
from forms_engine.base.models import Job
from forms_engine.kernel import clock
from forms_engine.kernel.errors import BadRequest, Conflict
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T
from jit.exchange.cells import text_read
from jit.exchange.encodings import ENCODINGS
from jit.exchange.files import table_open
from jit.exchange.mapping import header_key
from jit.exchange.models import ImportBatch, ImportMapping, ImportProblem
from jit.exchange.reading import Reading, header_of
from jit.exchange.result import result_write
from jit.exchange.services.looking import look_at
from jit.exchange.sheet import SheetRefused
from jit.exchange.targets.base import Outcome, RowFault
from jit.exchange.targets.registry import target_of
from jit.exchange.texts import file_refused

ENTITY = "exchange.importbatch"
JOB = "exchange.import"
Note = Callable[[int, int], None]


class ImportBusy(Conflict):
    """The import is being worked on."""

    code = "exchange.import.busy"


class MappingIncomplete(BadRequest):
    """A needed field has no column, or a column goes nowhere known."""

    code = "exchange.import.mapping"


class _RollBack(Exception):
    """Take everything back; the outcome is still wanted."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("roll back")
        self.outcome = outcome


def import_upload(*, actor: Actor, target: str, file_name: str, data: bytes, sheet: str = "") -> ImportBatch:
    """Keep a file and guess how to read it: header row, columns (as remembered), separator, decimal comma.

    Raises: FileRefused when it cannot be read; NotFound for an unknown target.
    """
    require(actor, f"{ENTITY}.create", ENTITY)
    look = look_at(target, data, file_name, sheet=sheet)
    batch = ImportBatch(
        id=new_id(),
        target=target,
        file_name=_name_kept(file_name),
        file_sha256=hashlib.sha256(data).hexdigest(),
        sheet=sheet,
        zone=settings.PLANT_TIME_ZONE,
        owner_id=actor.user_id,
    )
    look.onto(batch)
    batch.number = f"IM{clock.now():%y%m%d}-{batch.id.hex[-8:]}".upper()
    with db.atomic():
        suffix = PurePath(file_name).suffix.lower()[:8]
        batch.file.save(f"{batch.id}{suffix}", ContentFile(data), save=False)
        batch.save(force_insert=True)
    return batch


def _name_kept(file_name: str) -> str:
    """Return the file's own name in at most 200 characters; its ending says how to read it and stays."""
    name = PurePath(file_name)
    ending = name.suffix[:8]
    return name.name.removesuffix(ending)[: 200 - len(ending)] + ending


def import_configure(
    *,
    actor: Actor,
    batch: ImportBatch,
    mapping: Mapping[str, str],
    header_row: int | None = None,
    decimal_comma: bool | None = None,
    zone: str | None = None,
    stop_on_error: bool | None = None,
) -> ImportBatch:
    """Say which column is which field ('' = leave it out), and how the file is written.

    Raises: MappingIncomplete; ImportBusy while a job works on it.
    """
    require(actor, f"{ENTITY}.update", ENTITY, batch)
    with db.atomic():
        batch = _locked(batch)
        fields = {field.name: field for field in target_of(batch.target).fields}
        if header_row is not None and header_row != batch.header_row:
            rows = table_open(_data(batch), batch.file_name, sheet=batch.sheet).rows
            batch.header = header_of(
                [row for row, _n in zip(rows, range(header_row), strict=False)], header_row
            )
            batch.header_row = header_row
        if zone is not None and zone not in available_timezones():
            raise BadRequest(T("There is no time zone “%(zone)s”.", "没有时区“%(zone)s”。", zone=zone[:60]))
        chosen = {str(column): name for column, name in mapping.items() if name}
        _mapping_check(chosen, fields, len(batch.header))
        batch.mapping = chosen
        batch.decimal_comma = batch.decimal_comma if decimal_comma is None else decimal_comma
        batch.zone = zone or batch.zone
        batch.stop_on_error = batch.stop_on_error if stop_on_error is None else stop_on_error
        batch.state = ImportBatch.State.UPLOADED
        batch.save()
        _remember(batch)
    return batch


def import_reread(*, actor: Actor, batch: ImportBatch, encoding: str) -> ImportBatch:
    """Read a text file in another encoding; its separator, headings and columns are found anew.

    Raises: FileRefused when it cannot be read so, or is a workbook; ImportBusy; Conflict once it is imported.
    """
    require(actor, f"{ENTITY}.reread", ENTITY, batch)
    if encoding not in ENCODINGS:
        words = T("There is no encoding “%(name)s”.", "没有编码“%(name)s”。", name=encoding[:40])
        raise BadRequest(words, field="encoding")
    with db.atomic():
        batch = _locked(batch)
        if not batch.encoding:
            raise file_refused(SheetRefused("encoding_none"))
        if batch.state == ImportBatch.State.APPLIED:
            words = T("It has been imported: undo that first.", "该文件已导入，请先撤销。")
            raise Conflict(words, field="encoding")
        look = look_at(batch.target, _data(batch), batch.file_name, encoding=encoding)
        look.onto(batch)
        batch.state, batch.error, batch.result_file = ImportBatch.State.UPLOADED, "", ""
        batch.save()
        ImportProblem.objects.filter(batch=batch).delete()
    return batch


def import_start(*, actor: Actor, batch: ImportBatch, dry_run: bool) -> Job:
    """Queue the check or the import itself. Raises: MappingIncomplete, ImportBusy."""
    require(actor, f"{ENTITY}.{'check' if dry_run else 'apply'}", ENTITY, batch)
    with db.atomic():
        batch = _locked(batch)
        fields = {field.name: field for field in target_of(batch.target).fields}
        _mapping_check(batch.mapping, fields, len(batch.header))
        job = job_start(actor=actor, kind=JOB, params={"batch": str(batch.pk), "dry_run": dry_run})
        batch.state, batch.job_id, batch.is_dry_run = ImportBatch.State.RUNNING, job.pk, dry_run
        batch.save(update_fields=["state", "job_id", "is_dry_run"])
    return job


def import_cancel(*, actor: Actor, batch: ImportBatch) -> None:
    """Stop the job; nothing of it stays (all rows are written in one transaction)."""
    require(actor, f"{ENTITY}.cancel", ENTITY, batch)
    job = Job.objects.filter(pk=batch.job_id).first()
    if job is not None:
        job_cancel(actor=actor, job=job)
        if Job.objects.filter(pk=job.pk, state=Job.State.CANCELLED).exists():
            ImportBatch.objects.filter(pk=batch.pk, state=ImportBatch.State.RUNNING).update(
                state=ImportBatch.State.CANCELLED
            )


def import_run(*, actor: Actor, batch_id: UUID, dry_run: bool, note: Note) -> Outcome:
    """Read the file, write its rows, keep what was refused; the job's one call.

    All rows go in one transaction: a dry run, a cancel, or a refused row under `stop_on_error` leaves none.
    """
    batch = ImportBatch.objects.get(pk=batch_id)
    reading = _reading(batch)
    total = 0

    def progress(done: int) -> None:
        note(done, max(total, done))

    try:
        table = _opened(batch)
        rows = reading.raws(table.rows)
        outcome, txid = _written(actor, batch, rows, reading, dry_run, progress)
    except SheetRefused as refusal:
        refused = file_refused(refusal)
        _failed(batch, refused.message)
        raise refused from refusal
    except JobCancelled:
        ImportBatch.objects.filter(pk=batch.pk).update(state=ImportBatch.State.CANCELLED)
        raise
    except Exception:
        _failed(batch, T("The import broke off.", "导入中断。"))
        raise
    _noted(batch, reading, outcome, dry_run, txid)
    return outcome


def _written(
    actor: Actor,
    batch: ImportBatch,
    rows: Any,
    reading: Reading,
    dry_run: bool,
    progress: Callable[[int], None],
) -> tuple[Outcome, int]:
    try:
        with walls(actor, request_id=batch.number, action=JOB):
            outcome = target_of(batch.target).write(
                actor=actor, rows=rows, note=progress, source=batch.number
            )
            if not reading.rows_in:  # the headings may have been moved since the upload
                raise SheetRefused("no_rows", row=batch.header_row)
            outcome.faults = sorted([*reading.faults, *outcome.faults], key=lambda fault: fault.row)
            txid = _txid()
            if dry_run or (batch.stop_on_error and outcome.faults):
                raise _RollBack(outcome)
            return outcome, txid
    except _RollBack as back:
        return back.outcome, 0


def _noted(batch: ImportBatch, reading: Reading, outcome: Outcome, dry_run: bool, txid: int) -> None:
    """Store counts, refused rows and the result file."""
    place_of = {name: int(column) for column, name in batch.mapping.items()}
    came = _cells_at_fault(batch, outcome.faults, place_of)
    with db.atomic():
        ImportProblem.objects.filter(batch=batch).delete()
        ImportProblem.objects.bulk_create(
            [_problem(batch, fault, place_of, came) for fault in outcome.faults], batch_size=2_000
        )
        if outcome.faults:
            data = result_write(
                header=batch.header,
                rows=_opened(batch).rows,
                faults=outcome.faults,
                columns=reading.columns,
                fields=reading.fields,
            )
            batch.result_file.save(f"{batch.id}-result.xlsx", ContentFile(data), save=False)
        else:
            batch.result_file = ""
        held_back = not dry_run and txid == 0
        batch.rows_in = reading.rows_in
        batch.created_rows, batch.updated_rows = outcome.created, outcome.updated
        batch.unchanged_rows, batch.rejected_rows = outcome.unchanged, outcome.rejected
        batch.is_dry_run = dry_run
        batch.error = ""
        batch.state = ImportBatch.State.CHECKED if dry_run or held_back else ImportBatch.State.APPLIED
        if batch.state == ImportBatch.State.APPLIED:
            batch.applied_at, batch.transaction_id = clock.now(), txid
        batch.save()


def _cells_at_fault(
    batch: ImportBatch, faults: Sequence[RowFault], place_of: Mapping[str, int]
) -> dict[tuple[int, str], str]:
    """Return what stood in the file where a fault names no value of its own: {(row, field): text}."""
    wanted: dict[int, list[str]] = {}
    for fault in faults:
        if not fault.value and fault.field in place_of:
            wanted.setdefault(fault.row, []).append(fault.field)
    found: dict[tuple[int, str], str] = {}
    if not wanted:
        return found
    for number, row in enumerate(_opened(batch).rows, start=1):
        for name in wanted.get(number, ()):
            if place_of[name] < len(row) and row[place_of[name]] is not None:
                found[number, name] = text_read(row[place_of[name]])
    return found


def _problem(
    batch: ImportBatch, fault: RowFault, place_of: Mapping[str, int], came: Mapping[tuple[int, str], str]
) -> ImportProblem:
    return ImportProblem(
        batch=batch,
        row=fault.row,
        column=place_of.get(fault.field, -1) + 1,
        field=fault.field[:200],
        value=(fault.value or came.get((fault.row, fault.field), ""))[:500],
        code=fault.code[:80],
        message=fault.message.dump(),
    )


def _reading(batch: ImportBatch) -> Reading:
    return Reading(
        fields={field.name: field for field in target_of(batch.target).fields},
        columns={int(column): name for column, name in batch.mapping.items()},
        header_row=batch.header_row,
        decimal_comma=batch.decimal_comma,
        zone=batch.zone,
    )


def _opened(batch: ImportBatch) -> Any:
    return table_open(
        _data(batch), batch.file_name, sheet=batch.sheet, encoding=batch.encoding, delimiter=batch.delimiter
    )


def _data(batch: ImportBatch) -> bytes:
    with batch.file.open("rb") as file:
        return file.read()


def _locked(batch: ImportBatch) -> ImportBatch:
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state == ImportBatch.State.RUNNING:
        raise ImportBusy(T("This import is being worked on.", "该导入正在处理中。"))
    return batch


def _failed(batch: ImportBatch, words: Any) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(state=ImportBatch.State.FAILED, error=str(words))


def _mapping_check(mapping: Mapping[str, str], fields: Mapping[str, Any], width: int) -> None:
    names = list(mapping.values())
    if len(names) != len(set(names)):
        raise MappingIncomplete(
            T("Two columns go to the same field.", "两列对应到同一字段。"), field="mapping"
        )
    if any(not column.isdigit() or int(column) >= width for column in mapping) or set(names) - set(fields):
        raise MappingIncomplete(T("A column or field is unknown.", "列或字段不存在。"), field="mapping")
    missing = [field.label for name, field in fields.items() if field.is_required and name not in names]
    if missing:
        en, zh = ("、".join(label.in_language(code) for label in missing) for code in ("en", "zh"))
        raise MappingIncomplete(
            T("No column for: %(names)s", "缺少列：%(names)s", names=T(en, zh)), field="mapping"
        )


def _remember(batch: ImportBatch) -> None:
    """Keep what every column was taken for, '' for those left out."""
    rows = {}
    for column, text in enumerate(batch.header):
        if key := header_key(text)[:200]:
            rows[key] = ImportMapping(
                target=batch.target,
                header_key=key,
                field=batch.mapping.get(str(column), ""),
                used_at=clock.now(),
            )
    ImportMapping.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["target", "header_key"],
        update_fields=["field", "used_at"],
    )


def _txid() -> int:
    with db.connection().cursor() as cursor:
        cursor.execute("SELECT txid_current()")
        return int(cursor.fetchone()[0])
