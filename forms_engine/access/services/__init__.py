"""Writes of people and rights."""

from forms_engine.access.services.people import (
    own_password_change,
    password_problems,
    person_activate,
    person_add,
    person_deactivate,
    person_password_set,
    person_update,
)
from forms_engine.access.services.rights import (
    LinkDead,
    grants_set,
    link_create,
    link_revoke,
    link_use,
    role_define,
    token_create,
    token_note_use,
    token_revoke,
    tokens_end,
    user_create,
    user_preference_set,
    user_roles_set,
)

__all__ = [
    "LinkDead",
    "grants_set",
    "link_create",
    "link_revoke",
    "link_use",
    "own_password_change",
    "password_problems",
    "person_activate",
    "person_add",
    "person_deactivate",
    "person_password_set",
    "person_update",
    "role_define",
    "token_create",
    "token_note_use",
    "token_revoke",
    "tokens_end",
    "user_create",
    "user_preference_set",
    "user_roles_set",
]
