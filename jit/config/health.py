"""For machines that watch: /healthz (this process), /readyz (its servers), /metrics (Prometheus)."""

from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.urls import path
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from redis import Redis, RedisError

from forms_engine.base.jobs import jobs_overdue
from forms_engine.journal.selectors import deadletter_open, outbox_age_seconds

DATABASE_UP = Gauge("takt_database_up", "1 when PostgreSQL answers")
VALKEY_UP = Gauge("takt_valkey_up", "1 when Valkey answers")
QUEUE_DEPTH = Gauge("takt_queue_depth", "Tasks waiting in a queue", ["queue"])
OUTBOX_AGE = Gauge("takt_outbox_age_seconds", "Age of the oldest message not yet delivered")
JOBS_OVERDUE = Gauge("takt_jobs_overdue", "Jobs due for more than a minute that nobody has taken")
DEAD_LETTERS = Gauge("takt_dead_letters", "Deliveries given up and not yet looked after")


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that this process lives; touches nothing else."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers; Valkey alone being away is told but refuses no work."""
    database, valkey = database_answers(), valkey_answers()
    return JsonResponse({"database": database, "valkey": valkey}, status=200 if database else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Return the gauges; in production only with the token of TAKT_METRICS_TOKEN."""
    token = settings.METRICS_TOKEN
    if (settings.PRODUCTION or token) and request.headers.get("Authorization") != f"Bearer {token}":
        return HttpResponseForbidden()
    is_up = database_answers()
    DATABASE_UP.set(is_up)
    if is_up:
        OUTBOX_AGE.set(outbox_age_seconds())
        JOBS_OVERDUE.set(jobs_overdue(60))
        DEAD_LETTERS.set(deadletter_open().count())
    VALKEY_UP.set(valkey_answers())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def database_answers() -> bool:
    """Tell whether PostgreSQL answers the login of the plant."""
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def valkey_answers() -> bool:
    """Tell whether Valkey answers, and note how many tasks wait."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=2) as server:
            for queue in ("critical", "bulk"):
                QUEUE_DEPTH.labels(queue).set(server.llen(queue))
    except RedisError:
        return False
    return True


for _view in (healthz, readyz, metrics):
    _view.takt_policy = "open"  # the route inventory asks every view for its policy

urlpatterns = [path("healthz", healthz), path("readyz", readyz), path("metrics", metrics)]
