"""Writing forms: define, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_engine.base import db
from forms_engine.core.entity import entity
from forms_engine.core.run import action_of
from forms_engine.forms.layout import layout_check, layout_load
from forms_engine.forms.models import FormDefinition, FormVersion
from forms_engine.kernel.text import Text


def form_publish(
    *,
    actor: Any,
    slug: str,
    title: Text,
    layout: Mapping[str, Any],
    entity_key: str = "",
    action_key: str = "",
    is_default: bool = False,
) -> FormDefinition:
    """Publish a layout as the form's next version; the same layout again publishes nothing.

    Raises: LayoutRefused with everything wrong with it; UnknownEntity, ActionUnknown.
    """
    checked = layout_load(layout)
    schema = action_of(action_key).inputs if action_key else entity(entity_key).schema
    layout_check(checked, schema)
    dumped = checked.dump()
    with db.atomic():
        row = FormDefinition.objects.select_for_update(of=("self",)).filter(slug=slug).first()
        if row is None:
            row = FormDefinition(slug=slug)
        row.entity, row.action = entity_key, action_key
        row.title_en, row.title_zh = title.in_language("en"), title.in_language("zh-hans")
        if is_default:
            FormDefinition.objects.filter(entity=entity_key, is_default=True).exclude(slug=slug).update(
                is_default=False
            )
        row.is_default = is_default
        newest = FormVersion.objects.filter(form_id=row.pk, number=row.version_no).first()
        if newest is None or newest.layout != dumped:
            row.version_no += 1
            row.save()
            FormVersion.objects.create(
                form=row, number=row.version_no, layout=dumped, published_by=actor.name
            )
        else:
            row.save()
    return row
