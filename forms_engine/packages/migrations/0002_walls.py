"""Walls around menus and installed packages."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("packages", "0001_initial")]
    operations = [
        Protect("packages_menuitem"),
        Protect("packages_installedpackage"),
        Protect("packages_installedpart"),
    ]
