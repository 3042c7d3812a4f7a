"""Limits on guessing and flooding. Log-in limits live in PostgreSQL and fail closed; API limits fail open."""

from __future__ import annotations

import datetime as dt
import functools
import logging
import threading
import time

import redis
from django.conf import settings
from django.db import connections

from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text

log = logging.getLogger("takt.access")
LOGIN_LIMITS = {"LOGIN_LIMIT": 5, "LOGIN_ADDRESS_LIMIT": 30}
LOGIN_SECONDS = 900


class TooMany(MesError):
    """Too many tries; `retry_after` in seconds."""

    code = "access.too_many"
    status = 429

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(
            Text(
                "Too many tries. Please wait %(seconds)s seconds.",
                "尝试次数过多，请等待 %(seconds)s 秒。",
                seconds=retry_after,
            )
        )
        self.retry_after = retry_after


_COUNT = """
INSERT INTO access_ratecounter (id, key, "window", count) VALUES (gen_random_uuid(), %s, %s, 1)
ON CONFLICT (key, "window") DO UPDATE SET count = access_ratecounter.count + 1 RETURNING count
"""


def count_hit(key: str, *, limit: int, seconds: int) -> None:
    """Count one try under `key`; refuses from the (limit + 1)-th in the same window of `seconds`.

    Raises:
        TooMany: over the limit. Any database error is raised too: a limiter that cannot count refuses.
    """
    now = clock.real_now()
    start = dt.datetime.fromtimestamp(now.timestamp() // seconds * seconds, dt.UTC)
    with connections["default"].cursor() as cursor:
        cursor.execute(_COUNT, [key[:200], start])
        count = cursor.fetchone()[0]
    if count > limit:
        raise TooMany(retry_after=max(1, int(seconds - (now - start).total_seconds())))


_TAKE_BACK = 'UPDATE access_ratecounter SET count = greatest(count - 1, 0) WHERE key = %s AND "window" = %s'


def hit_take_back(key: str, *, seconds: int) -> None:
    """Take one counted try back: it was no guess."""
    now = clock.real_now().timestamp()
    start = dt.datetime.fromtimestamp(now // seconds * seconds, dt.UTC)
    with connections["default"].cursor() as cursor:
        cursor.execute(_TAKE_BACK, [key[:200], start])


def limit_login(*, username: str, address: str) -> None:
    """Refuse the sixth failed try in 15 minutes on one account from an address, the 31st from an address."""
    for key, limit in zip(
        _login_keys(username, address), ("LOGIN_LIMIT", "LOGIN_ADDRESS_LIMIT"), strict=True
    ):
        count_hit(key, limit=settings_number(limit, LOGIN_LIMITS[limit]), seconds=LOGIN_SECONDS)


def login_succeeded(*, username: str, address: str) -> None:
    """Take the try back: a shift that logs in at one terminal is not guessing."""
    for key in _login_keys(username, address):
        hit_take_back(key, seconds=LOGIN_SECONDS)


def _login_keys(username: str, address: str) -> tuple[str, str]:
    return f"login:{username.strip().lower()[:80]}:{address}", f"login:{address}"


def limit_link(*, address: str) -> None:
    """Refuse guessing of signed links: 30 unknown ones an hour from one address."""
    count_hit(f"link:{address}", limit=settings_number("LINK_LIMIT", 30), seconds=3600)


def settings_number(name: str, default: int) -> int:
    """Return a number of the settings, or the default."""
    return int(getattr(settings, name, default))


@functools.cache
def _valkey() -> redis.Redis | None:
    url = getattr(settings, "REDIS_URL", None)
    return redis.Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2) if url else None


class ApiLimiter:
    """A fixed window per token, counted in this process and shared through Valkey every `STEP` hits.

    Exact to STEP × processes. Without Valkey each process counts alone: a reader is never locked out because
    the broker is down.
    """

    STEP = 20
    WINDOW = 60

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._local: dict[str, int] = {}
        self._shared: dict[str, int] = {}

    def hit(self, key: str) -> None:
        """Count one request; raises `TooMany` above API_LIMIT a minute (default 6,000)."""
        limit = settings_number("API_LIMIT", 6000)
        now = int(time.time())
        window = now // self.WINDOW
        with self._lock:
            if window != self._window:
                self._window, self._local, self._shared = window, {}, {}
            count = self._local.get(key, 0) + 1
            self._local[key] = count
            over = max(count, self._shared.get(key, 0)) > limit
        if over:
            raise TooMany(retry_after=self.WINDOW - now % self.WINDOW)
        if count % self.STEP == 0:
            self._share(key, window)

    def _share(self, key: str, window: int) -> None:
        client = _valkey()
        if client is None:
            return
        name = f"takt:rate:{key}:{window}"
        try:
            total = int(client.incrby(name, self.STEP))
            client.expire(name, 2 * self.WINDOW)
        except (OSError, redis.RedisError) as error:
            log.warning("rate limit is counted in this process only: %s", error)
            return
        with self._lock:
            if window == self._window:
                self._shared[key] = total


api_limiter = ApiLimiter()
