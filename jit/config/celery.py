"""The Celery application: `celery -A jit.config.celery worker`."""

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import worker_init

from jit.config.checks import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jit.config.settings")

# Its reason is pickled messages; ours are JSON only. Production documents a system user all the same.
warnings.filterwarnings("ignore", category=SecurityWarning)
app = Celery("takt")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()  # shared tasks of every room, in the web process too, send through this one


@worker_init.connect
def look_before_working(**_: object) -> None:
    """Refuse to work under an unsafe login."""
    refuse_unsafe_start()
