"""Every action a role of the ready plant names exists, so that no grant is a promise without a door."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

from forms_engine.core.action import actions_of
from forms_engine.core.entity import GENERIC_VERBS, entity_keys

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
ROLES = sorted(Path("jit/packages/jit_mes/roles").glob("*.yaml"))
ALWAYS = {"*", "read", *GENERIC_VERBS}


@pytest.mark.parametrize("path", ROLES, ids=lambda path: path.stem)
def test_each_granted_action_exists_for_what_it_is_granted_on(path):
    dead = []
    for grant in yaml.safe_load(path.read_text("utf-8"))["grants"]:
        nouns = [key for key in entity_keys() if fnmatchcase(key, grant["entity"])]
        verbs = {action.key.rsplit(".", 1)[1] for noun in nouns for action in actions_of(noun)}
        dead += [f"{grant['entity']}: {verb}" for verb in grant["actions"] if verb not in ALWAYS | verbs]
        dead += [] if nouns else [f"{grant['entity']}: no such noun"]
    assert dead == []


def test_there_are_roles_to_look_at():
    assert {path.stem for path in ROLES} >= {"planner", "buyer", "supplier", "operator"}
