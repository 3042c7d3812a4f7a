"""Wake a worker: a hint sent from a thread of its own, ten a second from all processes, lost without harm.

The truth lives in PostgreSQL and sweeps find what a lost hint left behind (reliability.md M3), so a broker
that is down costs nobody anything here, and a request never waits for it. A task finds all there is to do,
so whoever comes first asks for it, and those who come within the same moment ask again when it is over:
their work may have come after the task looked. Sending a task is a millisecond of CPU, as much as a posting.
"""

from __future__ import annotations

import logging
import os
import threading
import time

import redis
from celery import current_app
from django.conf import settings
from kombu.exceptions import KombuError

from forms_engine.base import db

PAUSE_SECONDS = 0.1

log = logging.getLogger(__name__)


class _Poker:
    """Collects task names, sends each once per pause. One per process: threads do not survive a fork."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._pid = 0

    def add(self, name: str) -> None:
        with self._lock:
            self._names.add(name)
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._wake = threading.Event()
                threading.Thread(target=self._run, name="takt-poke", daemon=True).start()
        self._wake.set()

    def _run(self) -> None:
        wake = self._wake
        valkey = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
        while True:
            wake.wait()
            wake.clear()
            with self._lock:
                names, self._names = self._names, set()
            for name in names:
                try:
                    if valkey.set(f"takt:poke:{name}", 1, nx=True, px=int(PAUSE_SECONDS * 1000)):
                        current_app.send_task(name, retry=False, ignore_result=True, expires=60)
                    else:
                        self.add(name)
                except (KombuError, redis.RedisError, OSError) as error:
                    log.info("poke of %s was lost, the sweep will find the work: %s", name, error)
            time.sleep(PAUSE_SECONDS)


_poker = _Poker()


def poke(task_name: str) -> None:
    """Ask a worker to run a task without arguments soon; several asks within a moment become one."""
    if not current_app.conf.task_always_eager:
        _poker.add(task_name)


def poke_on_commit(task_name: str) -> None:
    """Poke once the current transaction has committed."""
    db.on_commit(lambda: poke(task_name))
