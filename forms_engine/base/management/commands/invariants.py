"""`manage.py invariants`: ask every promise about the data, the expensive ones too."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forms_engine.base.invariants import invariants, invariants_broken


class Command(BaseCommand):
    """Exit status 1 if a promise is broken; run it after every restore."""

    help = "Check the invariants of the data."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = invariants_broken(deep=True)
        for one in invariants():
            complaints = broken.get(one.key, [])
            self.stdout.write(f"{'BROKEN' if complaints else 'ok    '} {one.key:24} {one.label}")
            for complaint in complaints[:20]:
                self.stdout.write(f"         {complaint}")
        if broken:
            raise CommandError(f"{len(broken)} invariants are broken")
