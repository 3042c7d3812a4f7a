"""The three trigger functions every entity table shares: one moves the row version, two write the journal.

The journal functions are SECURITY DEFINER with a fixed search path, so a supplier's login, which may not
touch the journal, still leaves its trace there. They read who, why and which request from settings the door
makes LOCAL to its transaction; these guard against our mistakes, not against SQL that somebody else runs.
"""

from __future__ import annotations

JOURNAL_TABLE = "journal_rowchange"

OWNER_ROLE = "app_owner"  # only its own sessions may be quiet: back-fills of a schema change
TOUCH = "takt_touch"
JOURNAL_INSERT = "takt_journal_insert"
JOURNAL_CHANGE = "takt_journal_change"

_WHO = """
    left(nullif(current_setting('takt.actor', true), ''), 64),
    left(nullif(current_setting('takt.actor_name', true), ''), 200),
    left(nullif(current_setting('takt.request', true), ''), 64),
    left(nullif(current_setting('takt.action', true), ''), 100),
    pg_current_xact_id()::text::bigint, now()"""

_COLUMNS = "entity_table, record_id, verb, old, new, actor_id, actor_name, request_id, action, txid, at"

FUNCTIONS = (
    f"""
CREATE OR REPLACE FUNCTION {TOUCH}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF session_user = '{OWNER_ROLE}' AND current_setting('takt.quiet', true) = 'on' THEN
    RETURN NEW;
  END IF;
  NEW.version := OLD.version + 1;
  NEW.updated_at := coalesce(nullif(current_setting('takt.now', true), '')::timestamptz, now());
  RETURN NEW;
END $$""",
    f"""
CREATE OR REPLACE FUNCTION {JOURNAL_INSERT}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO public.{JOURNAL_TABLE} ({_COLUMNS})
  SELECT TG_TABLE_NAME, n.id, 'I', NULL,
    jsonb_strip_nulls(to_jsonb(n) - (ARRAY['id', 'version', 'updated_at'] || TG_ARGV)), {_WHO}
  FROM new_rows n;
  RETURN NULL;
END $$""",
    f"""
CREATE OR REPLACE FUNCTION {JOURNAL_CHANGE}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  before jsonb := to_jsonb(OLD) - (ARRAY['version', 'updated_at'] || TG_ARGV);
  after jsonb;
  was jsonb;
  became jsonb;
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO public.{JOURNAL_TABLE} ({_COLUMNS})
    SELECT TG_TABLE_NAME, OLD.id, 'D', jsonb_strip_nulls(before - 'id'), NULL, {_WHO};
    RETURN NULL;
  END IF;
  IF session_user = '{OWNER_ROLE}' AND current_setting('takt.quiet', true) = 'on' THEN
    RETURN NULL;
  END IF;
  after := to_jsonb(NEW) - (ARRAY['version', 'updated_at'] || TG_ARGV);
  SELECT jsonb_object_agg(b.key, b.value), jsonb_object_agg(b.key, after -> b.key) INTO was, became
  FROM jsonb_each(before) b WHERE b.value IS DISTINCT FROM after -> b.key;
  IF was IS NULL THEN
    RETURN NULL;
  END IF;
  INSERT INTO public.{JOURNAL_TABLE} ({_COLUMNS})
  SELECT TG_TABLE_NAME, OLD.id, 'U', was, became, {_WHO};
  RETURN NULL;
END $$""",
    *(f"REVOKE EXECUTE ON FUNCTION {name}() FROM PUBLIC" for name in (TOUCH, JOURNAL_INSERT, JOURNAL_CHANGE)),
)


def touch_trigger(table: str) -> str:
    """Return the DDL that moves `version` and `updated_at` on every UPDATE that changes something."""
    return (
        f'CREATE OR REPLACE TRIGGER {TOUCH} BEFORE UPDATE ON "{table}" FOR EACH ROW '
        f"WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION {TOUCH}()"
    )


def journal_triggers(table: str, skip: tuple[str, ...] = ()) -> list[str]:
    """Return the DDL that journals a table: INSERT by statement, UPDATE and DELETE by row.

    Args:
        skip: columns whose values never enter the journal (password hashes, secrets).
    """
    quoted = ", ".join("'" + column.replace("'", "''") + "'" for column in skip)
    return [
        f'CREATE OR REPLACE TRIGGER {JOURNAL_INSERT} AFTER INSERT ON "{table}" '
        f"REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {JOURNAL_INSERT}({quoted})",
        f'CREATE OR REPLACE TRIGGER {JOURNAL_CHANGE} AFTER UPDATE ON "{table}" FOR EACH ROW '
        f"WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION {JOURNAL_CHANGE}({quoted})",
        f'CREATE OR REPLACE TRIGGER {JOURNAL_CHANGE}_d AFTER DELETE ON "{table}" FOR EACH ROW '
        f"EXECUTE FUNCTION {JOURNAL_CHANGE}({quoted})",
    ]
