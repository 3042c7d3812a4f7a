"""Row version and journal for people and rights; suppliers see none of it."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("access", "0002_policy_stamp"), ("journal", "0001_initial")]
    operations = [
        Protect("access_user", skip=("password", "last_login")),
        Protect("access_role"),
        Protect("access_userrole"),
        Protect("access_grant"),
        Protect("access_token", skip=("digest", "last_used_at")),
        Protect("access_accesslink", skip=("digest",)),
    ]
