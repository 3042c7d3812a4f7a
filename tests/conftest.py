"""The ground all tests stand on: real PostgreSQL and Valkey, one migrated template, a clone for each worker.

`db` rolls back; `transactional_db` commits for real and gets a fresh clone afterwards. All log in as a plant
does (app_rw, app_portal), never as a superuser, so row-level security is in force.
"""

pytest_plugins = ["tests.databases"]
