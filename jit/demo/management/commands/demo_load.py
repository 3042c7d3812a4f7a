"""`manage.py demo_load`: the ready MES, sample people, the demo plant; a second time changes nothing."""

from django.conf import settings
from django.core.management.base import BaseCommand

from forms_engine.access.actor import Actor
from forms_engine.packages.services import package_install
from jit.demo.people import people_make
from jit.demo.plant import plant_make


class Command(BaseCommand):
    help = "Load the demo plant."

    def handle(self, *args, **options):
        actor = Actor.system("demo")
        done = package_install(actor=actor, folder=settings.BASE_DIR / "jit" / "packages" / "jit_mes")
        supplier = plant_make(actor=actor)
        people_make(actor=actor, supplier=supplier)
        self.stdout.write(f"jit_mes: {len(done.written)} written, {len(done.kept)} kept as changed here")
