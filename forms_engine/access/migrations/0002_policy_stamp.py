"""One row says how new roles and grants are; a trigger moves it, whoever writes them."""

from django.db import migrations

FORWARD = """
INSERT INTO access_policystamp (id, version) VALUES (1, 1) ON CONFLICT DO NOTHING;
CREATE FUNCTION takt_policy_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE access_policystamp SET version = version + 1 WHERE id = 1;
  RETURN NULL;
END $$;
CREATE TRIGGER takt_policy_moved AFTER INSERT OR UPDATE OR DELETE ON access_role
  FOR EACH STATEMENT EXECUTE FUNCTION takt_policy_moved();
CREATE TRIGGER takt_policy_moved AFTER INSERT OR UPDATE OR DELETE ON access_grant
  FOR EACH STATEMENT EXECUTE FUNCTION takt_policy_moved();
"""
BACKWARD = """
DROP TRIGGER takt_policy_moved ON access_grant;
DROP TRIGGER takt_policy_moved ON access_role;
DROP FUNCTION takt_policy_moved();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
