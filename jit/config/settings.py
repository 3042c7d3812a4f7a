"""Settings: one file, all from the environment (docs/running.md lists the variables).

Three profiles: `demo` (http on this machine), `test`, and `production`, which refuses to start when a rule of
the security baseline is broken (`checks.py`).
"""

import os
import socket
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from forms_engine.kernel import clock
from jit.config.boot import plant_clock, services
from jit.config.boot.paths import ROOT

BASE_DIR = ROOT
PROFILE = os.environ.get("TAKT_PROFILE", "demo")
PRODUCTION = PROFILE == "production"
PROCESS = os.environ.get("TAKT_PROCESS", "")  # web, live, worker, scheduler, or nothing for a command
DATA_FOLDER = Path(os.environ.get("TAKT_DATA_FOLDER") or services.data_folder(PROFILE))


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def required(name: str, default: str) -> str:
    """Return a variable; the default serves the demo and the tests but never production."""
    value = os.environ.get(name)
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"{name} must be set in production (docs/running.md).")
    return default


def own_names() -> list[str]:
    """Return what this machine is called, without asking a name server; tests call it testserver."""
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    names = [".localhost", name, short, f"{short}.local", os.environ.get("TAKT_HOST", "localhost")]
    public = urlsplit(os.environ.get("TAKT_PUBLIC_URL", "")).hostname
    return [*names, *([public] if public else []), *(["testserver"] if PROFILE == "test" else [])]


# --- people and hosts -----------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = required("TAKT_SECRET_KEY", "demo-and-tests-only-this-key-protects-nothing-outside-this-machine")
SECRET_KEY_FALLBACKS = words("TAKT_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = words("TAKT_HOSTS") if PRODUCTION else [*words("TAKT_HOSTS"), "*"]
# A demo answers to addresses and to these names: a stranger's page cannot point a name of its own at it.
OWN_HOSTS = [] if PRODUCTION else [*words("TAKT_HOSTS"), *own_names()]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
WEB_PORT = int(os.environ.get("TAKT_WEB_PORT", "20080"))
LIVE_PORT = int(os.environ.get("TAKT_LIVE_PORT", str(WEB_PORT + 1)))
# Empty: the page goes to its own host on LIVE_PORT. Production puts both behind one address: wss://host/live
LIVE_URL = os.environ.get("TAKT_LIVE_URL", "")
# Whose pages may open the socket. The demo answers any host name, but only pages of our own web port.
LIVE_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else [f"http://*:{WEB_PORT}"]

# --- rooms ----------------------------------------------------------------------------------------
ENGINE_APPS = [
    *("base", "fields", "tables", "access", "journal", "core", "forms", "notify", "live", "workflows"),
    *("automation", "alerts", "dashboards", "packages", "web", "studio", "api"),
]
DOMAIN_APPS = [
    *("catalog", "stock", "supply", "shopfloor", "money", "planning", "exchange", "portal", "demo", "config"),
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "channels",
    *(f"forms_engine.{name}" for name in ENGINE_APPS),
    *(f"jit.{name}" for name in DOMAIN_APPS),
]
MIDDLEWARE = [
    "forms_engine.web.middleware.RequestIdMiddleware",
    "forms_engine.web.middleware.OwnHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "forms_engine.web.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "jit.config.urls"
WSGI_APPLICATION = "jit.config.wsgi.application"
ASGI_APPLICATION = "jit.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "forms_engine.web.frame.frame",
            ],
        },
    },
]

# --- data -----------------------------------------------------------------------------------------
POOL = os.environ.get("TAKT_DB_POOL", "1") == "1"
PGBOUNCER = os.environ.get("PGBOUNCER") == "1"  # old versions refuse `options` and break prepared statements
STATEMENT_SECONDS = 300 if PROCESS in ("worker", "scheduler") else 15


def database(variable: str, login: str, *, pool_size: int, limits: str) -> dict[str, object]:
    """Return the Django database of one login, from a postgresql:// address.

    The built-in server is reached over its Unix socket. `limits` overrides the role's settings.
    """
    socket = services.socket_folder(DATA_FOLDER, ".s.PGSQL.5432")
    url = urlsplit(required(variable, f"postgresql://{login}@/takt?host={quote(str(socket))}"))
    query = {name: values[-1] for name, values in parse_qs(url.query).items()}
    options: dict[str, object] = {
        name: value for name, value in query.items() if name not in ("host", "port")
    }
    if limits and not PGBOUNCER:
        options["options"] = limits
    if PGBOUNCER:
        options["prepare_threshold"] = None
    if POOL and pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")) or "takt",
        "USER": unquote(url.username or login),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.get("host") or url.hostname or "",
        "PORT": query.get("port") or str(url.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0 if POOL and pool_size else 60,
        "DISABLE_SERVER_SIDE_CURSORS": PGBOUNCER,
        "OPTIONS": options,
    }


TEST_LIMITS = (
    " -c idle_in_transaction_session_timeout=0"  # a browser test may hold one for longer than a plant may
)
SERVING_LIMITS = f"-c statement_timeout={STATEMENT_SECONDS}s" + (TEST_LIMITS if PROFILE == "test" else "")
DATABASES = {
    "default": database("DATABASE_URL", "app_rw", pool_size=12, limits=SERVING_LIMITS),
    "owner": database(
        "DATABASE_OWNER_URL", "app_owner", pool_size=0, limits=TEST_LIMITS if PROFILE == "test" else ""
    ),
    "portal": database("DATABASE_PORTAL_URL", "app_portal", pool_size=8, limits=SERVING_LIMITS),
}
DATABASE_ROUTERS = ["forms_engine.base.db.AliasRouter"]
REDIS_URL = required(
    "REDIS_URL", f"unix://{quote(str(services.socket_folder(DATA_FOLDER, '.s.PGSQL.5432')))}/valkey.sock?db=0"
)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "takt"},
    }
}
MEDIA_ROOT = Path(os.environ.get("TAKT_MEDIA") or DATA_FOLDER / "media")
MEDIA_URL = "/media/"  # never served as files: downloads go through a view that asks for the right
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o640

# --- jobs -----------------------------------------------------------------------------------------
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    if REDIS_URL.startswith("unix:")
    else REDIS_URL
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "critical"
CELERY_TASK_ROUTES = {
    "*.bulk_*": {"queue": "bulk"}
}  # reports, imports and exports wait behind nobody's call-off

# --- language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
PLANT_TIME_ZONE = os.environ.get("TAKT_PLANT_TIME_ZONE", "Asia/Shanghai")
clock.use_plant_zone(PLANT_TIME_ZONE)
if os.environ.get("TAKT_CLOCK") and not PRODUCTION:  # a demo that runs faster; leases and sessions stay real
    _clock = plant_clock.read(os.environ["TAKT_CLOCK"])
    clock.run(_clock.speed, moment=_clock.moment, origin=_clock.origin)

# --- who ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "access.User"
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if PROFILE == "test":  # hundreds of throw-away users; the real hasher has a test of its own
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "forms_engine.access.passwords.TokensEnd"},  # every change of a password ends the tokens
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # losing Valkey must not log out the plant
SESSION_COOKIE_NAME = "__Host-sid" if PRODUCTION else "takt-sid"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "takt-csrf"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("TAKT_BEHIND_PROXY") == "1" else None
)
SECURE_CONTENT_TYPE_NOSNIFF = True
# "no-referrer" would make browsers send "Origin: null" with plain form posts, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = (
    "same-origin" if PRODUCTION else None
)  # browsers warn about it on plain http
X_FRAME_OPTIONS = "DENY"

# --- files for browsers ---------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]  # served from where they are: no collectstatic step
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 0 if not PRODUCTION else 300
WHITENOISE_IMMUTABLE_FILE_TEST = r"/static/dist/[^/]+-[0-9A-Za-z]{8,}\."

# --- API ------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Takt",
    "DESCRIPTION": "No-code manufacturing execution for just-in-time delivery",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

# --- mail and logs --------------------------------------------------------------------------------
EMAIL_BACKEND = os.environ.get(
    "TAKT_EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("TAKT_SMTP_HOST")
    else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = DATA_FOLDER / "mail"
EMAIL_HOST = os.environ.get("TAKT_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("TAKT_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("TAKT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("TAKT_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("TAKT_SMTP_TLS") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("TAKT_MAIL_FROM", "takt@localhost")
# How links in mails begin; people outside reach the plant under this address.
PUBLIC_URL = os.environ.get("TAKT_PUBLIC_URL", f"http://localhost:{WEB_PORT}").rstrip("/")
METRICS_TOKEN = os.environ.get("TAKT_METRICS_TOKEN", "")
LOG_FORMAT = os.environ.get("TAKT_LOG", "json" if PRODUCTION else "console")
LOGGING_CONFIG = "jit.config.logs.configure"
LOGGING = {"format": LOG_FORMAT, "level": os.environ.get("TAKT_LOG_LEVEL", "INFO")}

# --- the demo's sample people: one click on the log-in page, never in production -----------------------
SAMPLE_LOGINS = ("planner", "buyer", "approver", "warehouse", "operator", "supplier", "manager", "admin")
SAMPLE_PASSWORD = "takt-demo-2026"  # noqa: S105 - a published demo password
CSRF_FAILURE_VIEW = "forms_engine.forms.refusals.csrf_failed"
