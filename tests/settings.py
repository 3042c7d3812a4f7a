"""The settings of the test process: the one settings file under the test profile.

A module and not a conftest, because pytest-django reads the settings before any conftest is loaded.
"""

import os

from jit.config.boot import locales
from jit.config.boot.paths import data_folder

os.environ["TAKT_PROFILE"] = "test"
os.environ["TAKT_DB_POOL"] = "0"  # a database cannot be cloned while a pool holds connections to it
# Servers of its own for each worker: an open transaction anywhere in a cluster holds back its snapshots,
# and with them what the outbox delivers and the journal seals.
SERVERS = "/".join(part for part in ("test", os.environ.get("PYTEST_XDIST_WORKER", "")) if part)
os.environ["TAKT_DATA_FOLDER"] = str(data_folder(SERVERS))
locales.ensure()

from jit.config.settings import *  # noqa: E402, F403
