"""`manage.py load FOLDER`: load a folder of CSV and Excel files (docs/import.md)."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from forms_engine.access.actor import Actor
from forms_engine.kernel.errors import MesError
from jit.exchange.services.folders import import_folder, refused_lines, skipped_lines


class Command(BaseCommand):
    help = "Load a folder of CSV and Excel files; what stands there already is updated by its key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--zone", default="", help="zone of times without one (default: the plant's)")
        parser.add_argument("--as-of", default="", help="when undated orders are due (default: now)")
        parser.add_argument(
            "--without", action="append", default=[], help="a target to leave out, e.g. stock"
        )
        parser.add_argument("--plant", default="P1", help="plant where the files name none")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].resolve()
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder")
        as_of = datetime.fromisoformat(options["as_of"]) if options["as_of"] else None
        if as_of is not None and as_of.tzinfo is None:
            as_of = timezone.make_aware(as_of)
        try:
            result = import_folder(
                actor=Actor.system("load"),
                folder=folder,
                zone=options["zone"],
                as_of=as_of,
                plant=options["plant"],
                without=options["without"],
                tell=self.stdout.write,
            )
        except MesError as error:
            raise CommandError(str(error)) from error
        for line in skipped_lines(result):
            self.stdout.write(f"skipped: {line}")
        for line in refused_lines(result):
            self.stdout.write(f"refused: {line}")
        self.stdout.write(f"{result.layout}: {len(result.steps)} steps, {result.rejected} rows refused")
