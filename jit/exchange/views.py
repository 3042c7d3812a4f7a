"""The import pages: upload, columns, check, import, result."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from forms_engine.access.actor import Actor, actor_of
from forms_engine.access.walls import walls
from forms_engine.base.models import Job
from forms_engine.core.run import action_run
from forms_engine.forms.guard import plant_only
from forms_engine.kernel.errors import MesError, NotFound
from forms_engine.kernel.text import Text as T
from jit.exchange import selectors
from jit.exchange.encodings import ENCODINGS, encoding_chosen
from jit.exchange.formats.sheet_csv import MAX_BYTES
from jit.exchange.models import ImportBatch
from jit.exchange.result import sample_write
from jit.exchange.services import folders, imports
from jit.exchange.targets.registry import target_of, targets_all

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VERBS = ("check", "apply", "cancel", "undo", "reread")
FIRST_PROBLEMS = 100
REREAD_NOT = (ImportBatch.State.RUNNING, ImportBatch.State.APPLIED, ImportBatch.State.UNDONE)


@plant_only
@require_http_methods(["GET", "POST"])
def import_list(request: HttpRequest) -> HttpResponse:
    """Show the newest imports and take a new file."""
    actor, error = actor_of(request), ""
    if request.method == "POST":
        try:
            return redirect("exchange:import", pk=_uploaded(request, actor).pk)
        except MesError as refusal:
            error = str(refusal)
    with walls(actor):
        recent = selectors.imports_recent(actor=actor)
    context = {
        "recent": recent,
        "targets": targets_all(),
        "labels": _labels(),
        "chosen": request.POST.get("target") or request.GET.get("target", ""),
        "error": error,
    }
    return render(request, "exchange/imports.html", context, status=422 if error else 200)


def _uploaded(request: HttpRequest, actor: Actor) -> ImportBatch:
    file = request.FILES.get("file")
    if file is None or file.size is None or file.size > MAX_BYTES:
        raise imports.MappingIncomplete(
            T("Choose a file of at most 50 MB.", "请选择不超过 50 MB 的文件。"), field="file"
        )
    with walls(actor, action="exchange.importbatch.create"):
        return imports.import_upload(
            actor=actor,
            target=request.POST.get("target", ""),
            file_name=file.name or "",
            data=file.read(),
            sheet=request.POST.get("sheet", "").strip(),
        )


@plant_only
@require_GET
def import_sample(request: HttpRequest, target: str) -> HttpResponse:
    """Hand out an empty workbook with a target's columns."""
    found = target_of(target)
    response = HttpResponse(sample_write(fields=found.fields, name=str(found.label)), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{target}.xlsx"'
    return response


@plant_only
@require_GET
def import_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one import: its columns, what came of it, and what can be done now."""
    return _page(request, pk)


@plant_only
@require_POST
def folder_upload(request: HttpRequest) -> HttpResponse:
    """Take the files of a folder and load them in a job."""
    actor = actor_of(request)
    with walls(actor, action="exchange.folder"):
        job = folders.folder_start(
            actor=actor,
            files=[(file.name or "", file.read()) for file in request.FILES.getlist("files")],
            name=request.POST.get("name", ""),
            zone=request.POST.get("zone", ""),
            as_of=request.POST.get("as_of", ""),
        )
    return redirect("exchange:folder", pk=job.pk)


@plant_only
@require_GET
def folder_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what comes of a folder, step by step."""
    actor = actor_of(request)
    job = selectors.folder_job(actor=actor, pk=pk)
    context = {"job": job, "running": job.state in ("QUEUED", "RUNNING"), "result": job.result or {}}
    context["labels"] = _labels()
    return render(request, "exchange/folder.html", context)


def _labels() -> dict[str, T]:
    """Return what targets are called, by key."""
    return {target.key: target.label for target in targets_all()}


def _page(request: HttpRequest, pk: UUID, error: str = "") -> HttpResponse:
    actor = actor_of(request)
    with walls(actor):
        batch = selectors.import_get(actor=actor, pk=pk)
        columns = selectors.import_columns(batch=batch)
        context = _state(batch)
    target = target_of(batch.target)
    taken = {column.field for column in columns}
    context |= {
        "columns": columns,
        "target": target,
        "fields": target.fields,
        "missing": [f for f in target.fields if f.is_required and f.name not in taken],
        "error": error,
        "encodings": ENCODINGS,
        "encoding_key": encoding_chosen(batch.encoding),
        "may_reread": batch.encoding != "" and batch.state not in REREAD_NOT,
    }
    return render(request, "exchange/import.html", context, status=422 if error else 200)


def _heading(batch: ImportBatch, column: int) -> str:
    """Return what stands over a column of the file; its number when nothing does."""
    if not column:
        return ""
    return (batch.header[column - 1] if column <= len(batch.header) else "") or str(column)


def _state(batch: ImportBatch) -> dict[str, Any]:
    job = Job.objects.filter(pk=batch.job_id).first() if batch.job_id else None
    return {
        "batch": batch,
        "job": job,
        "running": batch.state == ImportBatch.State.RUNNING,
        "problems": [
            {
                "row": one.row,
                "column": _heading(batch, one.column),
                "value": one.value,
                "message": one.message,
            }
            for one in batch.problems.order_by("row", "pk")[:FIRST_PROBLEMS]
        ],
        "may_undo": batch.state == ImportBatch.State.APPLIED,
        "encoding": ENCODINGS.get(encoding_chosen(batch.encoding), batch.encoding),
    }


@plant_only
@require_GET
def import_state(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the part that moves while the job runs; once it is done the browser asks for the whole page."""
    actor = actor_of(request)
    with walls(actor):
        context = _state(selectors.import_get(actor=actor, pk=pk))
    response = render(request, "exchange/_import_state.html", context)
    if not context["running"]:
        response["HX-Refresh"] = "true"
    return response


@plant_only
@require_POST
def import_columns_save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep which column is which field, then check or import at once if that button was pressed."""
    actor = actor_of(request)
    chosen = {
        name.removeprefix("column-"): str(value)
        for name, value in request.POST.items()
        if name.startswith("column-")
    }
    try:
        with walls(actor, action="exchange.importbatch.update"):
            imports.import_configure(
                actor=actor,
                batch=selectors.import_get(actor=actor, pk=pk),
                mapping=chosen,
                decimal_comma=request.POST.get("decimal_comma") == "1",
                zone=request.POST.get("zone") or None,
                stop_on_error=request.POST.get("stop_on_error") == "1",
            )
        if request.POST.get("then") in ("check", "apply"):
            action_run(actor=actor, key=f"exchange.importbatch.{request.POST['then']}", record=pk)
    except NotFound:
        raise
    except MesError as refusal:
        return _page(request, pk, str(refusal))
    return redirect("exchange:import", pk=pk)


@plant_only
@require_POST
def import_do(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Run one of the import's actions through the door."""
    if verb not in VERBS:
        raise Http404
    raw = {"encoding": request.POST.get("encoding", "")} if verb == "reread" else {}
    try:
        action_run(actor=actor_of(request), key=f"exchange.importbatch.{verb}", record=pk, raw=raw)
    except NotFound:
        raise
    except MesError as refusal:
        return _page(request, pk, str(refusal))
    return redirect("exchange:import", pk=pk)


@plant_only
@require_GET
def import_result(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out the refused rows with their reasons."""
    actor = actor_of(request)
    with walls(actor):
        batch = selectors.import_get(actor=actor, pk=pk)
    if not batch.result_file:
        raise Http404
    return FileResponse(
        batch.result_file.open("rb"),
        as_attachment=True,
        filename=f"{batch.number}-refused.xlsx",
        content_type=XLSX,
    )
