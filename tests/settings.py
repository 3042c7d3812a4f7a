"""The settings of the test process: the one settings file under the test profile.

A module and not a conftest, because pytest-django reads the settings before any conftest is loaded.
"""

import os

from jit.config.boot import locales

os.environ["TAKT_PROFILE"] = "test"
os.environ["TAKT_DB_POOL"] = "0"  # a database cannot be cloned while a pool holds connections to it
# Workers share one Valkey: each has a numbered database of its own there, 0 stays with a lone process.
os.environ["TAKT_REDIS_DB"] = str(int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1")[2:]) + 1)
locales.ensure()

from jit.config.settings import *  # noqa: E402, F403
