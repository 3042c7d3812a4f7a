"""The scheduler process: `manage.py run scheduler`. Any number may run; each slot is claimed once."""

import os
import signal
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jit.config.settings")
django.setup()

from forms_engine.base.scheduler import scheduler_loop  # noqa: E402 - models need Django set up
from jit.config.checks import refuse_unsafe_start  # noqa: E402


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    refuse_unsafe_start()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    scheduler_loop(stop)


if __name__ == "__main__":
    main()
