"""Journal and row version for the tables people look at; a published drawing and a case's past never change."""

from django.db import migrations

from forms_engine.tables.operations import Protect

FROZEN = """
CREATE OR REPLACE FUNCTION takt_flow_frozen() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF OLD.published_at IS NOT NULL THEN
    RAISE EXCEPTION 'a published flow version never changes' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION takt_flow_frozen() FROM PUBLIC;
CREATE OR REPLACE TRIGGER takt_flow_frozen BEFORE UPDATE OR DELETE ON workflows_workflowversion
  FOR EACH ROW EXECUTE FUNCTION takt_flow_frozen();
CREATE OR REPLACE TRIGGER takt_append_only BEFORE UPDATE OR DELETE ON workflows_instanceevent
  FOR EACH ROW EXECUTE FUNCTION takt_append_only();
REVOKE UPDATE, DELETE, TRUNCATE ON workflows_instanceevent FROM PUBLIC, app_rw, app_supplier;
GRANT SELECT, INSERT ON workflows_instanceevent TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON workflows_timer, workflows_actionrun TO app_rw;
REVOKE ALL ON workflows_timer, workflows_actionrun, workflows_instanceevent FROM app_supplier
"""
UNFROZEN = "DROP FUNCTION takt_flow_frozen() CASCADE"


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial"), ("journal", "0002_walls"), ("tables", "0001_initial")]
    operations = [
        Protect("workflows_workflow"),
        Protect("workflows_workflowversion"),
        Protect("workflows_instance", skip=("position", "seq")),
        Protect("workflows_task", skip=("token",)),
        migrations.RunSQL(FROZEN, UNFROZEN),
    ]
