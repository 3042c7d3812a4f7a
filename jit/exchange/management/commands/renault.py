"""`manage.py renault FOLDER`: real inbound loads from the file to the store; prints rows, time and memory."""

import json
import resource
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_engine.access.actor import Actor
from forms_engine.kernel.errors import MesError
from jit.exchange.selectors import InboundProof
from jit.exchange.services.inbound_run import InboundRun, inbound_run


class Command(BaseCommand):
    help = "Import a folder with input_items and input_trucks, plan, announce and receive it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--zone", default="Europe/Paris", help="zone of the plant's times")
        parser.add_argument("--as-of", default="2023-06-01T06:00", help="the moment it is done at")
        parser.add_argument("--receive", choices=("asn", "package", "none"), default="asn")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].resolve()
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder")
        as_of = datetime.fromisoformat(options["as_of"])
        if as_of.tzinfo is None:
            as_of = as_of.replace(tzinfo=ZoneInfo(options["zone"]))
        begun = time.perf_counter()
        try:
            run = inbound_run(
                actor=Actor.system("renault"),
                folder=folder,
                zone=options["zone"],
                as_of=as_of,
                receive=options["receive"],
                tell=self.stdout.write,
            )
        except MesError as error:
            raise CommandError(str(error)) from error
        self._print(run, run.proof, time.perf_counter() - begun)
        if not run.proof.holds or run.folder.rejected:
            raise CommandError("the loads are not as they should be, see above")
        self._compare(folder / "facts.json", run)

    def _print(self, run: InboundRun, proof: InboundProof, seconds: float) -> None:
        self.stdout.write("")
        for name in proof.__slots__:
            value = getattr(proof, name)
            self.stdout.write(f"{name.replace('_', ' '):<20} {value:>14,}")
        self.stdout.write(f"{'rows refused':<20} {run.folder.rejected:>14,}")
        for dock, doors in sorted(run.answers["plan"]["doors_needed"].items()):
            self.stdout.write(f"doors at {dock:<11} {doors:>14,}")
        for name, took in run.seconds.items():
            self.stdout.write(f"{name:<20} {took:>12.2f} s")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        megabytes = peak / 1024 / 1024 if sys.platform == "darwin" else peak / 1024
        self.stdout.write(f"{'all':<20} {seconds:>12.2f} s   peak memory {megabytes:.0f} MB")

    def _compare(self, path: Path, run: InboundRun) -> None:
        """Hold the counts against the folder's own facts, where it has some."""
        proof = run.proof
        if not path.exists():
            return
        facts = json.loads(path.read_text())
        wanted = {
            "item_rows": proof.requirements,
            "packages": proof.packages,
            "total_weight_kg": round(proof.grams / 1000, 3),
            "planned_trucks": proof.trucks_planned,
            "truck_rows": run.folder.facts["truck rows"],
        }
        differing = {name: (facts[name], mine) for name, mine in wanted.items() if facts[name] != mine}
        if differing:
            raise CommandError(f"differs from facts.json: {differing}")
        self.stdout.write("equal to facts.json")
