"""Trigram indexes make `contains` fast; the extension is trusted, so the owner may create it."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0002_doors")]
    operations = [TrigramExtension(), BtreeGistExtension()]
