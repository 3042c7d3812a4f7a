"""The trigger functions, and the walls around the tables of the room below."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    initial = True
    dependencies = [("base", "0001_initial")]
    operations = [
        # Progress notes would fill the journal; who started what is on the row itself.
        Protect("base_job", portal="insert", journal=False),
    ]
