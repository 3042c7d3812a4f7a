"""`manage.py package install FOLDER` and `manage.py package export FOLDER TARGET`."""

from pathlib import Path

from django.core.management.base import BaseCommand

from forms_engine.access.actor import Actor
from forms_engine.packages.services import package_export, package_install


class Command(BaseCommand):
    help = "Install a package folder, or write what stands now in its form."

    def add_arguments(self, parser):
        parser.add_argument("verb", choices=("install", "export"))
        parser.add_argument("folder", type=Path)
        parser.add_argument("target", type=Path, nargs="?")

    def handle(self, *args, **options):
        if options["verb"] == "install":
            done = package_install(actor=Actor.system("package"), folder=options["folder"])
            self.stdout.write(f"written {len(done.written)}, same {len(done.same)}, kept {len(done.kept)}")
            for path in done.kept:
                self.stdout.write(f"  kept as the plant has it: {path}")
        else:
            target = options["target"] or options["folder"].with_suffix(".export")
            changed = package_export(folder=options["folder"], target=target)
            self.stdout.write("\n".join(changed) or "no local changes")
