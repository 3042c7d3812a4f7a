"""`manage.py demo_load`: the ready MES, sample people, the demo plant; a second time changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_engine.access.actor import Actor
from forms_engine.kernel.errors import MesError
from forms_engine.packages.services import package_install
from jit.demo.opening import opening_make
from jit.demo.people import people_make
from jit.demo.plant import plant_make
from jit.exchange.services.folders import import_folder, refused_lines, skipped_lines
from jit.planning.services.run import run_request


class Command(BaseCommand):
    help = "Load the demo plant, or with --data a folder of CSV and Excel files beside it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", type=Path, default=None, metavar="FOLDER", help="docs/import.md")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.system("demo")
        done = package_install(actor=actor, folder=settings.BASE_DIR / "jit" / "packages" / "jit_mes")
        self.stdout.write(f"jit_mes: {len(done.written)} written, {len(done.kept)} kept as changed here")
        supplier = plant_make(actor=actor)
        people_make(actor=actor, supplier=supplier)
        run = opening_make(actor=actor)
        if run is not None:
            calls = run.counts["calls"]["new"]
            self.stdout.write(f"开班计划已下达 / a plan is released: {calls} 叫料单 / call-offs")
        if options["data"]:
            self._folder(actor, options["data"].resolve())

    def _folder(self, actor: Actor, folder: Path) -> None:
        """Load a folder and say what came of every file and the first refused rows."""
        if not folder.is_dir():
            raise CommandError(f"{folder}: 不是文件夹 / is no folder")
        try:
            result = import_folder(actor=actor, folder=folder, tell=self.stdout.write)
        except MesError as error:
            raise CommandError(str(error)) from error
        for line in skipped_lines(result):
            self.stdout.write(f"跳过 / skipped: {line}")
        for line in refused_lines(result):
            self.stdout.write(f"拒绝 / refused: {line}")
        words = f"{len(result.steps)} 步 / steps, {result.rejected} 行被拒 / rows refused"
        self.stdout.write(f"{folder.name} ({result.layout}): {words}")
        if any(step.outcome.created or step.outcome.updated for step in result.steps):
            run_request(actor=actor, trigger=folder.name[:80])
