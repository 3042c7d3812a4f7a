"""Walls around alerts."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("alerts", "0001_initial")]
    operations = [Protect("alerts_alertrule"), Protect("alerts_alert")]
