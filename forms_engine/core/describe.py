"""Say what entities and actions there are, as far as an actor may know: for the API, designers and menus."""

from __future__ import annotations

import uuid
from typing import Any

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.action import Action, actions, actions_of
from forms_engine.core.closed import actions_only, unavailable_because
from forms_engine.core.entity import CREATE, GENERIC_VERBS, UPDATE, Entity, entities
from forms_engine.core.holds import holds_on
from forms_engine.core.query import reading
from forms_engine.core.records import generic_action
from forms_engine.core.store import row_fetch
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.schema import FieldSpec


def entities_for(actor: Actor) -> list[Entity]:
    """Return the entities an actor may read, by key."""
    found = entities().by_key
    return [found[key] for key in sorted(found) if policy.can(actor, policy.READ, found[key])]


def verbs_for(actor: Actor, noun: Entity) -> list[Action]:
    """Return the actions of an entity an actor may ever do, generic ones first."""
    generic = [verb for name in GENERIC_VERBS if (verb := generic_action(noun, name)) is not None]
    known = {verb.key for verb in actions_of(noun.key)}
    listed = [verb for verb in generic if verb.key not in known] + actions_of(noun.key)
    return [verb for verb in listed if policy.can(actor, verb.key, noun)]


def loose_actions_for(actor: Actor) -> list[Action]:
    """Return the actions without an entity an actor may do."""
    return [verb for verb in actions if verb.entity is None and policy.can(actor, verb.key, None)]


def field_dump(spec: FieldSpec) -> dict[str, Any]:
    """Return one field as JSON."""
    return spec.dump()


def entity_dump(actor: Actor, noun: Entity) -> dict[str, Any]:
    """Return an entity as JSON: fields the actor may see, and his actions."""
    rights = policy.field_rights(actor, noun)
    fields = []
    for spec in noun.schema:
        if spec.name in rights.hidden or spec.name not in noun.fields:
            continue
        data = field_dump(spec)
        if spec.name in rights.read_only:
            data["read_only"] = True
        fields.append(data)
    return {
        "key": noun.key,
        "label": noun.label.dump(),
        "plural": noun.plural.dump(),
        "icon": noun.icon,
        "title": noun.title,
        "columns": [name for name in noun.columns if name not in rights.hidden],
        "search": [name for name in noun.search if name not in rights.hidden],
        "fields": fields,
        "actions": [action_dump(verb) for verb in verbs_for(actor, noun)],
    }


def action_dump(verb: Action) -> dict[str, Any]:
    """Return an action as JSON; the inputs of create and update are the entity's fields."""
    own = not verb.key.endswith((f".{CREATE}", f".{UPDATE}"))
    return {
        "key": verb.key,
        "verb": verb.verb,
        "label": verb.label.dump(),
        "record_needed": verb.record_needed,
        "background": verb.background,
        "inputs": [spec.dump() for spec in verb.inputs] if own else [],
    }


def actions_available(actor: Actor, noun: Entity, pk: uuid.UUID) -> list[Action]:
    """Return the actions this record's state and the actor's rights allow now: the buttons of its page.

    What somebody holds back as a whole (a flow will run it itself) is none of them.
    """
    wanted = [verb for verb in verbs_for(actor, noun) if verb.record_needed]
    if not wanted:
        return []
    with reading(actor):
        record = _standing(actor, noun, pk)
        found = [
            verb
            for verb in wanted
            if record is not None
            and policy.can(actor, verb.key, noun, record)
            and verb.available(actor=actor, record=record)
        ]
    holds = holds_on(actor, (verb.key for verb in found), (pk,))
    held = {key for (key, _pk), hold in holds.items() if not hold.fields}
    return [verb for verb in found if verb.key not in held]


def action_refusal(actor: Actor, noun: Entity, pk: uuid.UUID, verb: Action | None) -> MesError | None:
    """Return why an action cannot be done to a record now, None if it can: asked before a form is offered.

    Args:
        verb: None asks for the edit of records that only their own actions change.
    Raises: Denied for an actor who may not do it in any state.
    """
    key = verb.key if verb is not None else f"{noun.key}.{UPDATE}"
    policy.require(actor, key, noun)
    with reading(actor):
        record = _standing(actor, noun, pk)
        policy.require(actor, key, noun, record)
        if record is None:
            return None
        if verb is None:
            return actions_only(noun, record, hidden=policy.field_rights(actor, noun).hidden)
        if not verb.available(actor=actor, record=record):
            return unavailable_because(actor, noun, verb, record)
    hold = holds_on(actor, (key,), (pk,)).get((key, pk))
    return hold.refusal() if hold is not None and not hold.fields else None


def _standing(actor: Actor, noun: Entity, pk: uuid.UUID) -> Any:
    """Return a record as actions see it, None if there is none the actor may see."""
    row = row_fetch(noun, pk, predicate=policy.visible(actor, noun))
    if row is None:
        return None
    return noun.values_from(row) if noun.model is None else noun.model._default_manager.get(pk=pk)
