"""An administrator lets one more person in."""

from __future__ import annotations

from forms_engine.access import services
from forms_engine.access.administrators import administrator_require
from forms_engine.core import person_inputs as ask
from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class PersonAdd(Action):
    """Makes the log-in with its first password, roles and, for a supplier's people, the supplier."""

    key = "access.person.add"
    label = Text("Add person", "添加人员")
    icon = "user"
    record_needed = False
    inputs = Schema((ask.USERNAME, ask.NAME, ask.PASSWORD, ask.LANGUAGE, ask.ROLES, ask.SUPPLIER))

    def run(self, *, actor, record, values):
        administrator_require(actor)
        person = services.person_add(
            actor=actor,
            username=values["username"],
            name=values["name"],
            password=values["password"],
            language=values["language"],
            roles=ask.roles_of(values["roles"]),
            supplier_id=ask.supplier_id_of(values["supplier"]),
        )
        ask.doing_note(actor, self.key, person.pk, f"roles: {values['roles'] or '–'}")
        return Result(person.pk, {"id": str(person.pk)})
