"""Reading forms: the published layout of a form, or the one its entity asks for by itself."""

from __future__ import annotations

from dataclasses import dataclass

from forms_engine.core.entity import Entity, entity
from forms_engine.core.run import action_of
from forms_engine.forms.layout import Layout, layout_load, layout_of
from forms_engine.forms.models import FormDefinition, FormVersion
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


class FormUnknown(NotFound):
    """There is no published form at this address."""

    code = "form.unknown"


@dataclass(frozen=True)
class Form:
    """A sheet ready to be drawn: over `entity` (create, update) or over `action`'s inputs."""

    title: Text
    schema: Schema
    layout: Layout
    entity: Entity | None = None
    action: str = ""
    slug: str = ""
    version: int = 0


def form_published(slug: str) -> Form:
    """Return a published form. Raises: FormUnknown."""
    found = FormDefinition.objects.filter(slug=slug, archived_at=None, version_no__gt=0).first()
    if found is None:
        raise FormUnknown(Text("There is no form “%(slug)s”.", "没有表单“%(slug)s”。", slug=slug[:60]))
    return _form(found)


def form_for_entity(noun: Entity) -> Form:
    """Return the form lists use for an entity: the published default, else all its fields."""
    found = FormDefinition.objects.filter(
        entity=noun.key, action="", is_default=True, archived_at=None, version_no__gt=0
    ).first()
    if found is not None:
        return _form(found)
    return Form(noun.label, noun.schema, layout_of(noun.schema), noun)


def form_for_action(key: str) -> Form:
    """Return the form of an action's inputs."""
    verb = action_of(key)
    found = FormDefinition.objects.filter(action=key, archived_at=None, version_no__gt=0).first()
    if found is not None:
        return _form(found)
    noun = entity(verb.entity) if verb.entity else None
    return Form(verb.label, verb.inputs, layout_of(verb.inputs), noun, verb.key)


def _form(row: FormDefinition) -> Form:
    noun = entity(row.entity) if row.entity else None
    schema = action_of(row.action).inputs if row.action else noun.schema if noun else Schema(())
    layout = layout_load(FormVersion.objects.get(form=row, number=row.version_no).layout)
    return Form(row.title, schema, layout, noun, row.action, row.slug, row.version_no)


def forms_all() -> list[FormDefinition]:
    """Return every form, by address."""
    return list(FormDefinition.objects.filter(archived_at=None).order_by("slug"))
