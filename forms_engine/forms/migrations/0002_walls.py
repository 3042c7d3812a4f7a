"""Walls around forms; a published version can be neither changed nor taken away."""

from django.db import migrations

from forms_engine.tables.operations import Protect

IMMUTABLE = """
CREATE OR REPLACE FUNCTION forms_version_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published form version is never changed' USING ERRCODE = 'TK010';
END $$;
CREATE TRIGGER forms_version_immutable BEFORE UPDATE OR DELETE ON forms_formversion
    FOR EACH ROW EXECUTE FUNCTION forms_version_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("forms", "0001_initial")]
    operations = [
        Protect("forms_formdefinition"),
        Protect("forms_formversion", journal=False),
        migrations.RunSQL(
            IMMUTABLE,
            "DROP TRIGGER forms_version_immutable ON forms_formversion; DROP FUNCTION forms_version_immutable();",
        ),
    ]
