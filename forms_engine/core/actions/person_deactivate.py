"""An administrator shuts a person out."""

from __future__ import annotations

from forms_engine.access import services
from forms_engine.access.administrators import administrator_require
from forms_engine.core import person_inputs as ask
from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class PersonDeactivate(Action):
    """Sessions and tokens of the person end at once; the history keeps the name."""

    key = "access.person.deactivate"
    label = Text("Deactivate", "停用")
    icon = "lock"
    record_needed = False
    inputs = Schema((ask.PERSON,))

    def run(self, *, actor, record, values):
        administrator_require(actor)
        person = services.person_deactivate(actor=actor, person_id=ask.person_id_of(values["person"]))
        ask.doing_note(actor, self.key, person.pk)
        return Result(person.pk)
