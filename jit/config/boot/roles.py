"""The SQL that makes the three logins: printed by `manage.py roles`, run on the built-in cluster.

app_owner owns the tables and migrates, app_rw serves the plant, app_portal serves suppliers and links.
Row-level security would be vacuous under a superuser, so nothing of ours logs in as one.
"""

ADVISORY_LOCK = 7_428_001  # any number, the same in every process that makes roles


def cluster_sql() -> str:
    """Return idempotent SQL for a superuser connected to any database of the cluster."""
    return f"""\
BEGIN;
SELECT pg_advisory_xact_lock({ADVISORY_LOCK});
DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['app_owner', 'app_rw', 'app_portal', 'app_supplier'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I', wanted);
    END IF;
  END LOOP;
END $$;
ALTER ROLE app_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE INHERIT;
ALTER ROLE app_rw LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB INHERIT;
ALTER ROLE app_portal LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB INHERIT;
ALTER ROLE app_supplier NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
GRANT app_supplier TO app_portal WITH INHERIT TRUE, SET FALSE;
GRANT app_supplier TO app_rw WITH INHERIT FALSE;
ALTER ROLE app_owner SET lock_timeout = '50ms';
ALTER ROLE app_rw SET statement_timeout = '15s';
ALTER ROLE app_rw SET lock_timeout = '3s';
ALTER ROLE app_rw SET idle_in_transaction_session_timeout = '20s';
ALTER ROLE app_portal SET statement_timeout = '15s';
ALTER ROLE app_portal SET lock_timeout = '3s';
ALTER ROLE app_portal SET idle_in_transaction_session_timeout = '20s';
COMMIT;
SELECT 'CREATE DATABASE takt OWNER app_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'takt') \\gexec
"""  # noqa: S608 - constants only


def database_sql(database: str = "takt") -> str:
    """Return idempotent SQL for a superuser connected to the application's database.

    pg_stat_statements is not a trusted extension, so it is made here; the trusted ones come with migrations.
    """
    return f"""\
ALTER DATABASE {database} OWNER TO app_owner;
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO app_owner, app_rw, app_portal;
ALTER SCHEMA public OWNER TO app_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app_rw, app_supplier, app_portal;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_rw;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT USAGE, SELECT ON SEQUENCES TO app_rw;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT USAGE ON SCHEMAS TO app_rw;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
"""
