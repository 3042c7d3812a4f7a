"""The past is only added to: rights, triggers that refuse, and what a supplier's login may put in."""

from django.db import migrations

APPEND_ONLY = ("journal_rowchange", "journal_entry", "journal_seal")

REFUSE = """
CREATE OR REPLACE FUNCTION takt_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
REVOKE EXECUTE ON FUNCTION takt_append_only() FROM PUBLIC
"""


def walls(apps, schema_editor):
    schema_editor.execute(REFUSE, [])
    for table in APPEND_ONLY:
        schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, app_rw, app_supplier")
        schema_editor.execute(f"GRANT SELECT ON {table} TO app_rw")
        schema_editor.execute(
            f"CREATE OR REPLACE TRIGGER takt_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION takt_append_only()"
        )
    schema_editor.execute("REVOKE INSERT ON journal_rowchange FROM app_rw")  # only the triggers write it
    schema_editor.execute("GRANT INSERT ON journal_entry, journal_seal TO app_rw")
    schema_editor.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON journal_outboxevent, journal_delivery TO app_rw"
    )
    schema_editor.execute("REVOKE ALL ON journal_outboxevent, journal_delivery FROM app_supplier")
    schema_editor.execute("GRANT INSERT ON journal_outboxevent, journal_entry TO app_supplier")


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("tables", "0001_initial")]
    operations = [migrations.RunPython(walls, migrations.RunPython.noop)]
