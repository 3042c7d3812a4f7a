"""Find the extension files of every app of ours, import them once, then close the registries."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import threading

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from forms_engine.kernel.registry import Registry

HOUSES = ("forms_engine.", "jit.")
MODULES = ("entities", "jobs", "invariants", "tasks", "subscribers")
FOLDERS = (
    "field_types",
    "node_types",
    "actions",
    "alert_types",
    "widgets",
    "channels",
    "algorithms",
    "formats",
)

_lock = threading.RLock()
_done = False


def discover() -> None:
    """Import extension files of all installed apps, folders first, then freeze every registry. Runs once.

    Raises: whatever a broken extension file raises, and `registry.DuplicateKey`: the start must fail.
    """
    global _done
    with _lock:
        if _done:
            return
        packages = [config.name for config in apps.get_app_configs() if config.name.startswith(HOUSES)]
        for folder in FOLDERS:
            for package in packages:
                _import_folder(f"{package}.{folder}")
        for module in MODULES:
            for package in packages:
                if module_has_submodule(importlib.import_module(package), module):
                    importlib.import_module(f"{package}.{module}")
        for registry in registries():
            registry.freeze()
        _done = True


def registries() -> list[Registry]:
    """Return every registry that stands as a module-level name in one of our modules."""
    found: dict[int, Registry] = {}
    for name, module in list(sys.modules.items()):
        if module is not None and name.startswith(HOUSES):
            for value in list(vars(module).values()):
                if isinstance(value, Registry):
                    found[id(value)] = value
    return list(found.values())


def _import_folder(package: str) -> None:
    parent, _, leaf = package.rpartition(".")
    if not module_has_submodule(importlib.import_module(parent), leaf):
        return
    folder = importlib.import_module(package)
    if not hasattr(folder, "__path__"):
        return
    for found in pkgutil.walk_packages(folder.__path__, prefix=f"{package}."):
        importlib.import_module(found.name)
