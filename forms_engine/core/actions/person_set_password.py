"""An administrator gives a person another password."""

from __future__ import annotations

from forms_engine.access import services
from forms_engine.access.administrators import administrator_require
from forms_engine.core import person_inputs as ask
from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class PersonSetPassword(Action):
    """All sessions and tokens of the person end; the journal notes that it was done, never the password."""

    key = "access.person.set_password"
    label = Text("Reset password", "重置密码")
    icon = "key"
    record_needed = False
    inputs = Schema((ask.PERSON, ask.PASSWORD))

    def run(self, *, actor, record, values):
        administrator_require(actor)
        pk = ask.person_id_of(values["person"])
        services.person_password_set(actor=actor, person_id=pk, password=values["password"])
        ask.doing_note(actor, self.key, pk)
        return Result(pk)
