"""Every action keeps its promises: refused without a grant, named in both languages, fitting its entity."""

import uuid

import pytest

from forms_engine.access.actor import ANONYMOUS, Actor
from forms_engine.core.action import Action, actions
from forms_engine.core.entity import GENERIC_VERBS, entities
from forms_engine.core.records import generic_action
from forms_engine.core.run import action_of, action_run
from forms_engine.fields.definition import definition_problems
from forms_engine.journal.models import RowChange
from forms_engine.kernel.errors import BadRequest, Denied, MesError, NotFound

SYSTEM = Actor.system("test")
pytestmark = pytest.mark.django_db


def test_they_say_what_they_are():
    assert len(actions) > 10
    for action in actions:
        assert action.label.en and action.label.zh, action.key
        assert type(action).run is not Action.run, action.key
        assert definition_problems(action.inputs) == [], action.key
        for spec in action.inputs:
            assert spec.label.en and spec.label.zh, (action.key, spec.name)


def test_their_entities_exist():
    faults = [a.key for a in actions if a.entity is not None and a.entity not in entities().by_key]
    assert not faults


def test_without_a_grant_they_are_refused_and_write_nothing():
    for action in actions:
        with pytest.raises((Denied, NotFound)):
            pk = uuid.uuid4() if action.record_needed else None
            action_run(actor=ANONYMOUS, key=action.key, record=pk, raw={})
    assert not RowChange.objects.exists()


def test_an_unknown_input_is_refused():
    for action in actions:
        if not action.record_needed:
            with pytest.raises(BadRequest) as refused:
                action_run(actor=SYSTEM, key=action.key, raw={"no_such_input": 1})
            assert refused.value.code == "body.field_unknown", action.key


def test_a_missing_record_is_not_found():
    for action in actions:
        if action.record_needed and action.entity is not None:
            with pytest.raises(MesError) as refused:
                action_run(actor=SYSTEM, key=action.key, record=uuid.uuid4(), raw={})
            assert refused.value.status == 404, action.key


def test_generic_verbs_are_there_unless_taken_away():
    for key, noun in entities().by_key.items():
        for verb in GENERIC_VERBS:
            if f"{key}.{verb}" in actions:
                continue
            found = generic_action(noun, verb)
            if found is not None:
                assert action_of(f"{key}.{verb}") is found and found.label.zh
            else:
                assert noun.read_only or not noun.archivable or not noun.may_be_archived
