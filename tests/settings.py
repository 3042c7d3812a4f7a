"""The settings of the test process: the one settings file under the test profile.

A module and not a conftest, because pytest-django reads the settings before any conftest is loaded.
"""

import os

os.environ["TAKT_PROFILE"] = "test"
os.environ["TAKT_DB_POOL"] = "0"  # a database cannot be cloned while a pool holds connections to it

from jit.config.settings import *  # noqa: F403
