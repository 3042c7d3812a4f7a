"""What the actions about people and roles ask for, read from plain values.

People are no entity: nobody but an administrator may list them, and no grant of a package should reach them.
So a person is named by id, roles by their keys with commas between, a supplier by the id of the record.
"""

from __future__ import annotations

import re
import uuid

from forms_engine.access.actor import Actor
from forms_engine.core import store
from forms_engine.core.entity import Entity, entities
from forms_engine.journal.services import entry_write
from forms_engine.kernel.errors import ErrorList, FieldError, NotFound
from forms_engine.kernel.schema import FieldSpec
from forms_engine.kernel.text import Text

PERSON = FieldSpec(name="person", type="text", label=Text("Person", "人员"), required=True)
USERNAME = FieldSpec(name="username", type="text", label=Text("Log-in", "登录名"), required=True)
NAME = FieldSpec(
    name="name", type="text", label=Text("Name", "姓名"), required=True, options={"max_length": 150}
)
PASSWORD = FieldSpec(name="password", type="text", label=Text("Password", "密码"), required=True)
LANGUAGE = FieldSpec(name="language", type="text", label=Text("Language", "语言"), required=True)
ROLES = FieldSpec(name="roles", type="text", label=Text("Roles", "角色"))
SUPPLIER = FieldSpec(name="supplier", type="text", label=Text("Supplier", "供应商"))


PEOPLE = "access.user"
"""Under this key the journal knows people; no entity of that name is open to anybody."""


def doing_note(actor: Actor, action: str, person_id: uuid.UUID, what: str = "") -> None:
    """Note in the journal who did this to whom; `what` in keys, so that it reads in any language."""
    entry_write(actor=actor, action=action, reason=what, records=[(PEOPLE, person_id)])


def supplier_noun() -> Entity | None:
    """Return the entity whose records are the outside parties themselves, or None in a plant without."""
    return next((noun for noun in entities().by_key.values() if noun.scope == "self"), None)


def person_id_of(raw: str) -> uuid.UUID:
    """Read a person's id. Raises: NotFound, as for an id nobody has."""
    try:
        return uuid.UUID(raw)
    except ValueError:
        raise NotFound(
            Text("There is no such person.", "没有这个人员。"), code="access.person_unknown"
        ) from None


def roles_of(raw: str | None) -> set[str]:
    """Read role keys: `planner, buyer`."""
    return {word for word in re.split(r"[,\s]+", raw or "") if word}


def supplier_id_of(raw: str | None) -> uuid.UUID | None:
    """Read the id of an existing supplier; empty = a person of the plant.

    Raises:
        ErrorList: there is no such supplier.
    """
    if not raw:
        return None
    noun = supplier_noun()
    try:
        pk = uuid.UUID(raw)
    except ValueError:
        pk = None
    if noun is None or pk is None or store.row_fetch(noun, pk) is None:
        words = Text("There is no such supplier.", "没有这个供应商。")
        raise ErrorList([FieldError("supplier", "access.supplier_unknown", words)])
    return pk
