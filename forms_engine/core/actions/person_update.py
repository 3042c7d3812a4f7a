"""An administrator changes what a person may do."""

from __future__ import annotations

from forms_engine.access import services
from forms_engine.access.administrators import administrator_require
from forms_engine.access.selectors import person_standing
from forms_engine.core import person_inputs as ask
from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class PersonUpdate(Action):
    """Name, language, roles and supplier become what is given; no supplier = of the plant."""

    key = "access.person.update"
    label = Text("Change person", "修改人员")
    icon = "edit"
    record_needed = False
    inputs = Schema((ask.PERSON, ask.NAME, ask.LANGUAGE, ask.ROLES, ask.SUPPLIER))

    def run(self, *, actor, record, values):
        administrator_require(actor)
        pk = ask.person_id_of(values["person"])
        before = person_standing(pk)
        services.person_update(
            actor=actor,
            person_id=pk,
            name=values["name"],
            language=values["language"],
            roles=ask.roles_of(values["roles"]),
            supplier_id=ask.supplier_id_of(values["supplier"]),
        )
        after = person_standing(pk)
        moved = [
            f"{name}: {before[name] or '–'} → {after[name] or '–'}"
            for name in after
            if before[name] != after[name]
        ]
        ask.doing_note(actor, self.key, pk, "; ".join(moved))
        return Result(pk)
