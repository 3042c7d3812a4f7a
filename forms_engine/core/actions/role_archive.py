"""An administrator ends a role nobody has any more."""

from __future__ import annotations

from forms_engine.access import services
from forms_engine.access.administrators import administrator_require
from forms_engine.core.action import Action, register
from forms_engine.journal.services import entry_write
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text


@register
class RoleArchive(Action):
    """The role leaves every list; who still has it is named in the refusal."""

    key = "access.role.archive"
    label = Text("Archive a role", "归档角色")
    icon = "ban"
    record_needed = False
    inputs = Schema((FieldSpec(name="role", type="text", label=Text("Key", "标识"), required=True),))

    def run(self, *, actor, record, values):
        administrator_require(actor)
        role = services.role_archive(actor=actor, key=values["role"])
        entry_write(actor=actor, action=self.key, records=[("access.role", role.pk)])
        return {"role": role.key}
