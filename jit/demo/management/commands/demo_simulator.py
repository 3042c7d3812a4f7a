"""`manage.py demo_simulator`: the plant lives. Stops on Ctrl-C and SIGTERM."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_engine.access.actor import Actor
from forms_engine.base.jobs import jobs_overdue
from jit.demo.people import robots_make
from jit.demo.simulator.life import live


class Command(BaseCommand):
    help = "Let simulated suppliers, drivers and operators act through the public API."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--speed", type=float, default=1.0, help="as of `manage.py demo`")
        parser.add_argument("--url", default="", help="default: this machine's web process")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Robots act only in the demo.")
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        people = robots_make(actor=Actor.system("demo"))
        self.stdout.write(
            f"模拟开始 / the plant lives, speed {options['speed']:g}, {jobs_overdue()} jobs wait"
        )
        url = options["url"] or f"http://127.0.0.1:{settings.WEB_PORT}"
        live(url=url.rstrip("/"), speed=max(1.0, options["speed"]), people=people, stop=stop)
        self.stdout.write("模拟停止 / the simulator stopped")
