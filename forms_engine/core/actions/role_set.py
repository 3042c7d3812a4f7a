"""An administrator says what a role may do."""

from __future__ import annotations

import json

from forms_engine.access import services
from forms_engine.access.administrators import administrator_require
from forms_engine.core.action import Action, register
from forms_engine.core.role_rights import grants_read, rights_check
from forms_engine.journal.services import entry_write
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text


@register
class RoleSet(Action):
    """Makes or renames a role and replaces all its rights; every process follows with its next request."""

    key = "access.role.set"
    label = Text("Set the rights of a role", "设置角色权限")
    icon = "lock"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec(name="role", type="text", label=Text("Key", "标识"), required=True),
            FieldSpec(
                name="label_en", type="text", label=Text("Name (English)", "名称（英文）"), required=True
            ),
            FieldSpec(
                name="label_zh", type="text", label=Text("Name (Chinese)", "名称（中文）"), required=True
            ),
            FieldSpec(name="grants", type="long_text", label=Text("Rights (JSON)", "权限（JSON）")),
        )
    )

    def run(self, *, actor, record, values):
        administrator_require(actor)
        grants = grants_read(values["grants"])
        rights_check(values["role"], grants)
        role = services.role_define(
            actor=actor, key=values["role"], label={"en": values["label_en"], "zh": values["label_zh"]}
        )
        count = services.grants_set(actor=actor, role=role.key, grants=grants)
        entry_write(
            actor=actor,
            action=self.key,
            reason=json.dumps(grants, ensure_ascii=False),
            records=[("access.role", role.pk)],
        )
        return {"role": role.key, "grants": count}
