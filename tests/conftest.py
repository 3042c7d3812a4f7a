"""The ground all tests stand on: real PostgreSQL and Valkey, one migrated template, a clone for each worker.

`db` rolls back; `transactional_db` commits and gets a fresh clone afterwards; `services` runs the real web,
live and worker processes on a database of their own; `page` and `phone` are a browser on them. All log in as
a plant does (app_rw, app_portal), never as a superuser, so row-level security is in force.
"""

import hypothesis

pytest_plugins = ["tests.balance", "tests.databases", "tests.live_services", "tests.browsers"]

# Cores are shared: a slow example says nothing about the code, so properties have no stop-watch of their own.
hypothesis.settings.register_profile("takt", deadline=None)
hypothesis.settings.load_profile("takt")
