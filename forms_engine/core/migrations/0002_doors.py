"""The stamp's one row, and what the suppliers' login may do with the door's own tables."""

from django.db import migrations

from forms_engine.tables.operations import Protect

FORWARD = """
INSERT INTO core_schemastamp (id, version) VALUES (1, 1) ON CONFLICT DO NOTHING;
GRANT SELECT ON core_schemastamp TO app_supplier;

GRANT SELECT, INSERT, UPDATE (answer, record_id) ON core_runreceipt TO app_supplier;
ALTER TABLE core_runreceipt ENABLE ROW LEVEL SECURITY;
ALTER TABLE core_runreceipt FORCE ROW LEVEL SECURITY;
CREATE POLICY takt_staff ON core_runreceipt TO app_rw USING (true) WITH CHECK (true);
CREATE POLICY takt_owner ON core_runreceipt TO app_owner USING (true) WITH CHECK (true);
CREATE POLICY takt_supplier ON core_runreceipt TO app_supplier
  USING (actor_id = nullif(current_setting('takt.actor', true), ''))
  WITH CHECK (actor_id = nullif(current_setting('takt.actor', true), ''));

GRANT SELECT, INSERT, UPDATE (value) ON core_serialcounter TO app_supplier;
"""
BACKWARD = "SELECT 1"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("journal", "0001_initial")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        Protect("core_entitydefinition"),
        Protect("core_schemaversion"),
        Protect(
            "core_attachment", scope="supplier", portal="select, insert, update(entity, record_id, field)"
        ),
    ]
