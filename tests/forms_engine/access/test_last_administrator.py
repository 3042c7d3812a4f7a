"""Two administrators who shut each other out at the same moment: one of them stays."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from forms_engine.access import services
from forms_engine.access.actor import Actor, user_actor
from forms_engine.access.models import User
from forms_engine.core.run import action_run
from forms_engine.kernel.errors import MesError

SYSTEM = Actor.system("test")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("superuser", [False, True])
def test_one_administrator_is_left(superuser):
    services.role_define(actor=SYSTEM, key="admin", label="Administrator")
    services.grants_set(actor=SYSTEM, role="admin", grants=[{"entity": "*", "actions": ["*"]}])
    both = [
        services.user_create(actor=SYSTEM, username=name, roles=["admin"], is_superuser=superuser)
        for name in ("li", "wang")
    ]
    actors = [user_actor(user) for user in both]
    start = Barrier(2)

    def shut_out(actor, other):
        start.wait(10)
        try:
            action_run(actor=actor, key="access.person.deactivate", raw={"person": str(other.pk)})
        except MesError as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(shut_out, actors, reversed(both)))
    assert answers == ["access.last_administrator", "done"]
    assert User.objects.filter(is_active=True).count() == 1
