"""Structured logs: one line an event, JSON in production, with the request id and no secrets."""

import logging
import logging.config
import re
from typing import Any

import structlog

SECRET = re.compile(r"authorization|cookie|token|secret|password|signature", re.IGNORECASE)
LINK = re.compile(r"tl_[\w-]{8,}")  # a signed link's secret stands in the path of its pages


def hide_secrets(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace the value of every key that sounds like a secret, and escape control characters in the rest."""
    for key, value in event.items():
        if key == "request" or (isinstance(value, str) and "tl_" in value):
            value = event[key] = LINK.sub("tl_***", str(value))
        if SECRET.search(key):
            event[key] = "***"
        elif isinstance(value, str) and key != "exception" and not value.isprintable():
            event[key] = value.encode("unicode_escape").decode("ascii")
    return event


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.ExtraAdder(),
    hide_secrets,
]


def configure(options: dict[str, str]) -> None:
    """Send the standard library's and structlog's events through one pipe (Django's LOGGING_CONFIG)."""
    as_json = options["format"] == "json"
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        # Plain: the rich one prints every local, which takes minutes with the entity catalogue in a frame.
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    last = [structlog.processors.format_exc_info] if as_json else []
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "one_line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": SHARED,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *last,
                        renderer,
                    ],
                }
            },
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "one_line"}},
            "root": {"handlers": ["out"], "level": options["level"]},
            "loggers": {"httpx": {"level": "WARNING"}, "asyncio": {"level": "WARNING"}},
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *[step for step in SHARED if not isinstance(step, structlog.stdlib.ExtraAdder)],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
