"""A folder of files loaded in one go: a layout that is known, or files with columns of our own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from forms_engine.access.actor import Actor
from forms_engine.access.policy import require
from forms_engine.access.walls import walls
from forms_engine.base.jobs import job_start
from forms_engine.base.models import Job
from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T
from jit.exchange.files import TEXT_KINDS, WORKBOOK_KINDS, sheet_names, table_open
from jit.exchange.formats.sheet_csv import csv_read
from jit.exchange.layouts import inventree, own, renault
from jit.exchange.layouts.step import Plan, Refusal, Setting, Skipped, Step
from jit.exchange.reading import Reading
from jit.exchange.sheet import Cell, SheetRefused, rows_as_dicts
from jit.exchange.targets.base import Outcome, RowFault, quiet
from jit.exchange.targets.registry import ORDER, target_of, targets_all
from jit.exchange.texts import SKIPPED, cell_text, file_refused

KINDS = (*TEXT_KINDS, *WORKBOOK_KINDS)
JOB = "exchange.folder"
MAX_FOLDER_BYTES = 100 * 1024 * 1024
MAX_REFUSALS = 200
Tell = Callable[[str], None]


class FolderRefused(MesError):
    """The folder holds nothing that can be loaded."""

    code = "exchange.folder"


@dataclass(slots=True)
class StepResult:
    """What came of one step."""

    target: str
    source: str
    outcome: Outcome
    seconds: float


@dataclass(slots=True)
class FolderResult:
    """What came of a folder: the layout, its steps in order, rows that could not be read, files skipped."""

    layout: str
    batch: str
    steps: list[StepResult] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """Number of rows refused anywhere."""
        return len(self.refusals) + sum(step.outcome.rejected for step in self.steps)


def import_folder(
    *,
    actor: Actor,
    folder: Path,
    zone: str = "",
    as_of: datetime | None = None,
    plant: str = "P1",
    without: Collection[str] = (),
    tell: Tell | None = None,
) -> FolderResult:
    """Load a folder of CSV and Excel files; each step is one transaction, done in the order of references.

    Args:
        zone: times without a zone are in it; default the plant's.
        as_of: what undated orders are due at; default now.
        plant: code of the plant where the files name none.
        without: targets to leave out, e.g. "stock" for a plan on empty shelves.
        tell: called with one line for each step.

    Raises: FolderRefused when nothing in it is known; FileRefused when a file cannot be read.
    """
    require(actor, "exchange.importbatch.apply", "exchange.importbatch")
    setting = Setting(
        batch=folder.name[:80],
        zone=ZoneInfo(zone or settings.PLANT_TIME_ZONE),
        zone_name=zone or settings.PLANT_TIME_ZONE,
        as_of=as_of or clock.now(),
        plant=plant,
    )
    try:
        plan = folder_plan(folder, setting)
    except SheetRefused as refusal:
        raise file_refused(refusal) from refusal
    result = FolderResult(
        plan.layout, setting.batch, refusals=plan.refusals, skipped=plan.skipped, facts=plan.facts
    )
    for step in plan.steps:
        if step.target in without:
            continue
        begun = time.perf_counter()
        with walls(actor, request_id=f"folder:{setting.batch}"[:64], action="exchange.folder"):
            outcome = target_of(step.target).write(
                actor=actor, rows=step.rows, note=quiet, source=setting.batch
            )
        result.steps.append(StepResult(step.target, step.source, outcome, time.perf_counter() - begun))
        if tell is not None:
            tell(step_line(result.steps[-1]))
    return result


def folder_start(
    *,
    actor: Actor,
    files: Sequence[tuple[str, bytes]],
    name: str = "",
    zone: str = "",
    as_of: str = "",
) -> Job:
    """Keep the files of a folder and queue their loading.

    Args:
        files: (file name, content); folders in a name are cut off.
        name: the data set's name; default the time.
        as_of: ISO moment undated orders are due at, '' = now.

    Raises: FolderRefused without files, or for a zone or moment that cannot be read.
    """
    require(actor, "exchange.importbatch.apply", "exchange.importbatch")
    try:
        ZoneInfo(zone or settings.PLANT_TIME_ZONE)
        moment = datetime.fromisoformat(as_of) if as_of else None
    except (ValueError, ZoneInfoNotFoundError):
        raise FolderRefused(T("The zone or the time cannot be read.", "时区或时间无法识别。")) from None
    named = [(Path(file).name, data) for file, data in files if Path(file).suffix.lower() in KINDS]
    if not named or sum(len(data) for _file, data in named) > MAX_FOLDER_BYTES:
        raise FolderRefused(
            T(
                "Choose CSV or Excel files of at most 100 MB in all.",
                "请选择 CSV 或 Excel 文件，总共不超过 100 MB。",
            )
        )
    label = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:60] or f"{clock.now():%y%m%d-%H%M%S}"
    folder = Path(settings.MEDIA_ROOT) / "imports" / "folders" / new_id().hex / label
    folder.mkdir(parents=True)
    for file, data in named:
        (folder / file).write_bytes(data)
    params = {"folder": str(folder), "zone": zone, "as_of": moment.isoformat() if moment else ""}
    return job_start(actor=actor, kind=JOB, params=params)


def step_line(step: StepResult) -> str:
    """Return one line for a person: target, counts, time."""
    o = step.outcome
    return (
        f"{step.target:<28} +{o.created} ~{o.updated} ={o.unchanged} !{o.rejected}  {step.seconds:.2f} s"
        f"{'  ' + step.source if step.source else ''}"
    )


def refused_lines(result: FolderResult, most: int = 20) -> list[str]:
    """Return one line for each refused row, the first `most` of a file: where it stands and why."""
    lines = [
        f"{one.source} {one.row} {one.column}: {cell_text(one.code, value=one.value)}"
        for one in result.refusals[:most]
    ]
    for step in result.steps:
        for fault in step.outcome.faults[:most]:
            lines.append(f"{step.source} {fault.row} {fault.field}: {fault.message} {fault.value}".rstrip())
    return lines


def skipped_lines(result: FolderResult) -> list[str]:
    """Return one line for each file or sheet nothing was taken from, with the reason."""
    return [f"{one.source}: {SKIPPED[one.code]}" for one in result.skipped]


def result_dump(result: FolderResult) -> dict[str, Any]:
    """Return what came of a folder as JSON: its steps, the first refusals in both languages, its figures."""
    refused = [
        {"source": r.source, "row": r.row, "field": r.column, "value": r.value}
        | {"reason": cell_text(r.code, value=r.value).dump()}
        for r in result.refusals
    ]
    refused += [
        {"source": step.source or step.target, "row": fault.row, "field": fault.field, "value": fault.value}
        | {"reason": fault.message.dump()}
        for step in result.steps
        for fault in step.outcome.faults
    ]
    return {
        "layout": result.layout,
        "batch": result.batch,
        "steps": [
            {
                "target": str(step.target),
                "source": step.source,
                "created": step.outcome.created,
                "updated": step.outcome.updated,
                "unchanged": step.outcome.unchanged,
                "rejected": step.outcome.rejected,
                "seconds": round(step.seconds, 2),
            }
            for step in result.steps
        ],
        "rejected": result.rejected,
        "skipped": [{"source": one.source, "reason": SKIPPED[one.code].dump()} for one in result.skipped],
        "refusals": refused[:MAX_REFUSALS],
        "facts": {name: str(value) for name, value in result.facts.items()},
    }


def folder_plan(folder: Path, setting: Setting) -> Plan:
    """Recognise a folder and turn it into steps. Raises: FolderRefused, SheetRefused."""
    files = {path.stem: path for path in sorted(folder.glob("*")) if path.suffix.lower() in KINDS}
    if set(renault.FILES) <= files.keys():
        return _known_plan(renault.plan_make, {name: files[name] for name in renault.FILES}, setting)
    if inventree.is_this(files):
        wanted = {name: files[name] for name in inventree.NAMES if name in files}
        return _known_plan(inventree.plan_make, wanted, setting)
    plan = _own_plan(files, setting)
    if not plan.steps:
        _bare_refuse([one.source for one in plan.skipped if one.code == "no_rows"])
        raise FolderRefused(
            T(
                "Nothing in %(folder)s is known; see docs/import.md for names and columns.",
                "%(folder)s 中没有可识别的文件，文件名与列见 docs/import.md。",
                folder=folder.name,
            )
        )
    return plan


def _known_plan(make: Callable[[Any, Setting], Plan], files: Mapping[str, Path], setting: Setting) -> Plan:
    """Let a layout make its plan of text tables; those without a row are named in it."""
    filled: set[str] = set()

    def rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
        for number, row in rows_as_dicts(csv_read(path.read_bytes(), name=path.name)):
            filled.add(path.name)
            yield number, {name: str(cell) for name, cell in row.items()}

    plan = make({name: rows(path) for name, path in files.items()}, setting)
    bare = [path.name for path in files.values() if path.name not in filled]
    if not filled:
        _bare_refuse(bare)
    plan.skipped += [Skipped(name, "no_rows") for name in bare]
    return plan


def _bare_refuse(files: Sequence[str]) -> None:
    """Refuse a folder whose only known files are headings without rows. Raises: FolderRefused."""
    if files:
        raise FolderRefused(
            T(
                "Headings only, no rows: %(files)s. There is nothing to import.",
                "只有表头，没有数据行：%(files)s。没有可导入的内容。",
                files=", ".join(files)[:400],
            )
        )


def _own_plan(files: Mapping[str, Path], setting: Setting) -> Plan:
    """Take every table whose name or columns tell where it goes, in the order of references."""
    plan = Plan("own", [])
    fields_of = {target.key: {f.name: f for f in target.fields} for target in targets_all()}
    choices = {key: [f.target() for f in fields.values()] for key, fields in fields_of.items()}
    for stem, path in files.items():
        data = path.read_bytes()
        for sheet in sheet_names(data, path.name) or [""]:
            rows = list(table_open(data, path.name, sheet=sheet).rows)
            found = own.target_guess(sheet or stem, rows, choices) or own.target_guess(stem, rows, choices)
            source = f"{path.name} {sheet}".strip()
            if found is not None:
                _own_step(found, fields_of[found.target], rows, source, plan, setting)
            elif any(cell not in (None, "") for row in rows for cell in row):
                plan.skipped.append(Skipped(source, "unknown"))
            elif not sheet:  # a workbook may well have a blank sheet
                plan.skipped.append(Skipped(source, "empty"))
    place = {key: number for number, key in enumerate(ORDER)}
    plan.steps.sort(key=lambda step: place.get(step.target, len(place)))
    return plan


def _own_step(
    found: own.Found,
    fields: Mapping[str, object],
    rows: list[list[Cell]],
    source: str,
    plan: Plan,
    setting: Setting,
) -> None:
    """Add a table's step to the plan, or its name to what was skipped if there is no row in it."""
    reading = Reading(
        fields=fields,  # type: ignore[arg-type]
        columns=found.columns,
        header_row=found.header_row,
        decimal_comma=found.decimal_comma,
        zone=setting.zone_name,
    )
    raws = list(reading.raws(iter(rows)))
    plan.refusals += [_refusal(source, fault) for fault in reading.faults]
    if reading.rows_in:
        plan.steps.append(Step(found.target, raws, source))
    else:
        plan.skipped.append(Skipped(source, "no_rows"))


def _refusal(source: str, fault: RowFault) -> Refusal:
    return Refusal(source, fault.row, fault.field, fault.code, fault.value)
