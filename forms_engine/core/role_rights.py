"""The rights of a role as people set them: which verbs and fields there are, what is wrong with a grant."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.access.administrators import ADMIN_ROLE
from forms_engine.access.conditions import condition_of
from forms_engine.core.action import actions, actions_of
from forms_engine.core.entity import GENERIC_VERBS, Entity, entities
from forms_engine.core.records import generic_action
from forms_engine.kernel.errors import ErrorList, FieldError, MesError
from forms_engine.kernel.text import Text

LISTS = ("actions", "hidden_fields", "read_only_fields")
WORDS = {
    "*": Text("Everything", "全部"),
    "read": Text("See", "查看"),
    "create": Text("Create", "新建"),
    "update": Text("Change", "修改"),
    "archive": Text("Archive", "归档"),
    "restore": Text("Restore", "恢复"),
}


def covered(pattern: str) -> list[Entity]:
    """Return the entities a grant speaks about: one by key, an area by `supply.*`, all by `*`."""
    found = entities().by_key
    if pattern.endswith("*"):
        return [noun for key, noun in sorted(found.items()) if key.startswith(pattern[:-1])]
    return [found[pattern]] if pattern in found else []


def areas() -> list[str]:
    """Return the patterns that cover more than one entity: everything, and each room."""
    rooms = sorted({key.partition(".")[0] for key in entities().by_key})
    return ["*", *(f"{room}.*" for room in rooms)]


def verbs_of(pattern: str) -> dict[str, Text]:
    """Return what may be granted on an entity or area: verb → words; actions of no entity by their area."""
    verbs = {"*": WORDS["*"], "read": WORDS["read"]}
    nouns = covered(pattern)
    for verb in GENERIC_VERBS:
        if any(generic_action(noun, verb) is not None for noun in nouns):
            verbs[verb] = WORDS[verb]
    for noun in nouns:
        for action in actions_of(noun.key):
            verbs.setdefault(action.verb, action.label)
    if pattern.endswith("*"):
        for action in actions:
            if action.entity is None and action.key.startswith(pattern[:-1]):
                verbs.setdefault(action.verb, action.label)
    return verbs


def grants_read(text: str | None) -> list[dict[str, Any]]:
    """Read grants from JSON: [{"entity", "actions", "condition", "hidden_fields", "read_only_fields"}].

    Raises:
        ErrorList: it is no such list.
    """
    try:
        given = json.loads(text or "[]")
    except ValueError:
        given = None
    if not isinstance(given, list):
        raise ErrorList([_fault("grants", "format", Text("The rights are no list.", "权限不是列表。"))])
    return [_grant_read(number, one) for number, one in enumerate(given)]


def _grant_read(number: int, one: Any) -> dict[str, Any]:
    wrong = Text("A right needs an entity and lists of words.", "权限需要实体和词语列表。")
    if not isinstance(one, Mapping) or not isinstance(one.get("entity"), str):
        raise ErrorList([_fault(f"grants.{number}", "format", wrong)])
    condition = one.get("condition") or ""
    lists = {name: one.get(name) or [] for name in LISTS}
    plain = isinstance(condition, str) and all(
        isinstance(words, list) and all(isinstance(word, str) for word in words) for words in lists.values()
    )
    if not plain or set(one) - {"entity", "condition", *LISTS}:
        raise ErrorList([_fault(f"grants.{number}", "format", wrong)])
    return {"entity": one["entity"].strip(), "condition": condition.strip()} | {
        name: sorted(dict.fromkeys(words)) for name, words in lists.items()
    }


def rights_check(role: str, grants: Sequence[Mapping[str, Any]]) -> None:
    """Refuse rights that say nothing or lock everybody out.

    Raises:
        ErrorList: unknown entity, verb or field, a condition that cannot be read, or an administrator's role
            that may no longer do everything; all at once.
    """
    faults = []
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,59}", role):
        words = Text("Small letters, digits, - and _ only.", "只能用小写字母、数字、- 和 _。")
        faults.append(_fault("role", "key_format", words))
    for number, grant in enumerate(grants):
        faults += _grant_faults(f"grants.{number}", grant)
    free = any(g["entity"] == "*" and "*" in g["actions"] and not g["condition"] for g in grants)
    if role == ADMIN_ROLE and not free:
        words = Text("Administrators must be able to do everything.", "管理员必须能执行所有操作。")
        faults.append(_fault("grants", "admin_narrowed", words))
    if faults:
        raise ErrorList(faults)


def _grant_faults(place: str, grant: Mapping[str, Any]) -> list[FieldError]:
    pattern = grant["entity"]
    nouns = covered(pattern)
    if not nouns:
        words = Text("There is nothing called “%(key)s”.", "没有“%(key)s”。", key=pattern)
        return [_fault(f"{place}.entity", "entity_unknown", words)]
    faults = []
    known = WORDS | verbs_of(pattern)  # "create" where only actions create is idle, no mistake
    keys = {action.key for action in actions}
    for verb in grant["actions"]:
        if verb not in known and verb not in keys:
            words = Text(
                "%(entity)s: there is no action “%(verb)s”.",
                "%(entity)s：没有动作“%(verb)s”。",
                entity=pattern,
                verb=verb,
            )
            faults.append(_fault(f"{place}.actions", "verb_unknown", words))
    fields = {name for noun in nouns for name in noun.fields}
    for name in (*grant["hidden_fields"], *grant["read_only_fields"]):
        if name not in fields:
            words = Text(
                "%(entity)s: there is no field “%(name)s”.",
                "%(entity)s：没有字段“%(name)s”。",
                entity=pattern,
                name=name,
            )
            faults.append(_fault(f"{place}.fields", "field_unknown", words))
    if grant["condition"]:
        faults += _condition_faults(place, grant["condition"], pattern, nouns)
    return faults


def _condition_faults(place: str, source: str, pattern: str, nouns: Sequence[Entity]) -> list[FieldError]:
    """A condition of one entity must fit its columns; one of an area is only read."""
    try:
        condition = condition_of(source)
        if not pattern.endswith("*"):
            condition.sql(nouns[0], "t", Actor.system("check"))
    except MesError as fault:
        words = Text(
            "%(entity)s, condition: %(fault)s",
            "%(entity)s，条件：%(fault)s",
            entity=nouns[0].label if len(nouns) == 1 else pattern,
            fault=Text(fault.in_language("en"), fault.in_language("zh-hans")),
        )
        return [_fault(f"{place}.condition", "condition", words)]
    return []


def _fault(field: str, code: str, words: Text) -> FieldError:
    return FieldError(field, f"access.grant_{code}", words)
