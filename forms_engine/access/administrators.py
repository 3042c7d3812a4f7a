"""Who may change people and rights: administrators only, whatever else a role may do."""

from __future__ import annotations

from forms_engine.access.actor import Actor
from forms_engine.kernel.errors import Denied
from forms_engine.kernel.text import Text

ADMIN_ROLE = "admin"
SUPPLIER_ROLE = "supplier"
"""The one role of everybody behind the supplier wall."""


def is_administrator(actor: Actor) -> bool:
    """Tell whether the actor may open the studio; nobody behind the supplier wall may."""
    return not actor.is_outside and (actor.is_admin or ADMIN_ROLE in actor.roles)


def administrator_require(actor: Actor) -> None:
    """Refuse everybody else: who could give rights could take every right.

    Raises:
        Denied: not an administrator.
    """
    if not is_administrator(actor):
        raise Denied(
            Text("Only administrators may change people and rights.", "只有管理员可以更改人员与权限。")
        )
