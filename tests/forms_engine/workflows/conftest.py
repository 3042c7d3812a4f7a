"""A small office: a flow over units of measure, two approvers, a requester, an administrator."""

from dataclasses import dataclass

import pytest
from django.test import Client

from forms_engine.access import policy
from forms_engine.access import services as access
from forms_engine.access.actor import Actor, user_actor
from forms_engine.access.models import User
from forms_engine.core import entity as nouns
from forms_engine.core.run import action_run
from forms_engine.journal.delivery import outbox_drain
from forms_engine.workflows import services
from forms_engine.workflows.models import Instance, Task
from forms_engine.workflows.selectors import holding_forget

SYSTEM = Actor.system("test")
OWN_TASKS = {
    "entity": "workflows.task",
    "actions": ["read", "approve", "reject", "return", "submit", "transfer"],
    "condition": "{person} = USER()",
}


def role(key):
    return [{"kind": "role", "value": key}]


def drawing(slug="unit_approval", mode="any", **options):
    """A unit that was created is approved, then gets " ok" behind its name."""
    return {
        "slug": slug,
        "title": {"en": "Unit approval", "zh": "单位审批"},
        "entity": "catalog.unit",
        "nodes": [
            {
                "id": "start",
                "type": "start",
                "options": {"trigger": "event", "event": "catalog.unit.created"},
                "next": {"out": "approve"},
            },
            {
                "id": "approve",
                "type": "approval",
                "title": {"en": "Chief approves", "zh": "主管审批"},
                "options": {"who": role("approver"), "mode": mode, "return_to": ["start"], **options},
                "next": {"approved": "rename", "rejected": "no"},
            },
            {
                "id": "rename",
                "type": "run_action",
                "options": {
                    "action": "catalog.unit.update",
                    "inputs": [{"name": "name", "value": '{name} & " ok"'}],
                },
                "next": {"done": "yes"},
            },
            {"id": "yes", "type": "end", "options": {"result": "approved"}},
            {"id": "no", "type": "end", "options": {"result": "rejected"}},
        ],
    }


@dataclass
class Office:
    """The people, and short ways to do what they do."""

    li: Actor
    zhao: Actor
    wang: Actor
    root: Actor

    def publish(self, definition):
        return services.workflow_publish(actor=self.root, definition=definition)

    def request(self, code="kg", name="Kilogram", **values):
        """Wang makes a unit; the outbox is delivered; its case is returned."""
        made = action_run(
            actor=self.wang, key="catalog.unit.create", raw={"code": code, "name": name, **values}
        )
        outbox_drain()
        return Instance.objects.filter(subject_id=made.record_id).order_by("-flow_version__number").first()

    def task(self, person, instance):
        return Task.objects.get(instance=instance, person_id=person.user_id, state="open")

    def again(self, instance):
        """The administrator begins another case of the same flow about the same record."""
        raw = {"workflow": "unit_approval", "subject": str(instance.subject_id)}
        made = action_run(actor=self.root, key="workflows.instance.start", raw=raw)
        return Instance.objects.get(pk=made.record_id)

    def answer(self, person, verb, task, **raw):
        return action_run(actor=person, key=f"workflows.task.{verb}", record=task, raw=raw)


@pytest.fixture(autouse=True)
def fresh_catalogue():
    """Every test reads schemas and grants anew: its database may be another one."""
    nouns.entities_forget()
    policy.cache_forget()
    holding_forget()
    yield
    nouns.entities_forget()
    policy.cache_forget()
    holding_forget()


def make_office() -> Office:
    access.role_define(actor=SYSTEM, key="approver", label="Approver")
    access.role_define(actor=SYSTEM, key="requester", label="Requester")
    access.role_define(actor=SYSTEM, key="admin", label="Administrator")
    own = [OWN_TASKS, {"entity": "workflows.instance", "actions": ["read", "withdraw"]}]
    access.grants_set(actor=SYSTEM, role="approver", grants=own)
    requests = [*own, {"entity": "catalog.unit", "actions": ["*"]}]
    access.grants_set(actor=SYSTEM, role="requester", grants=requests)
    access.grants_set(actor=SYSTEM, role="admin", grants=[{"entity": "*", "actions": ["*"]}])

    def person(name, role_key):
        access.user_create(actor=SYSTEM, username=name, roles=[role_key])
        return user_actor(User.objects.get(username=name))

    return Office(
        li=person("li", "approver"),
        zhao=person("zhao", "approver"),
        wang=person("wang", "requester"),
        root=person("root", "admin"),
    )


@pytest.fixture
def office(db):
    return make_office()


@pytest.fixture
def browser_of(office):
    """A browser in which somebody is logged in, in a language."""

    def make(person, language="en"):
        User.objects.filter(pk=person.user_id).update(language=language)
        client = Client()
        client.force_login(User.objects.get(pk=person.user_id))
        client.cookies["django_language"] = language
        return client

    return make


def page(client, url):
    found = client.get(url)
    assert found.status_code == 200, (url, found.status_code)
    return found.content.decode()
