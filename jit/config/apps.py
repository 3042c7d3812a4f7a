"""The configuration as an app: it brings the system checks and the commands that start processes."""

from django.apps import AppConfig

from jit.config import celery, checks


class ConfigAppConfig(AppConfig):
    """Registers what must hold before anything is served."""

    name = "jit.config"
    checks = checks
    celery = celery.app
