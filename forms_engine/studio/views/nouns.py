"""Entities and their fields: define, add a field, see the plan before it runs."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from forms_engine.access.actor import actor_of
from forms_engine.access.selectors import grant_list, role_list
from forms_engine.core.entity import Entity, entities, entity
from forms_engine.core.role_rights import covered, verbs_of
from forms_engine.core.services import Published, entity_define, field_add
from forms_engine.fields.base import field_types, type_of
from forms_engine.forms.shown import plain_number
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.studio.guard import admin_only

PUBLISHED = T("Published. Lists, forms and the API have it at once.", "已发布，列表、表单和接口立即可用。")


@admin_only
def index(request: HttpRequest) -> HttpResponse:
    """Where to begin."""
    return render(request, "studio/index.html")


@admin_only
def entity_list(request: HttpRequest) -> HttpResponse:
    """All entities, admin-made ones first."""
    found = sorted(entities().by_key.values(), key=lambda noun: (not noun.is_custom, noun.key))
    rows = [{"noun": noun, "count": len(noun.schema.names)} for noun in found]
    return render(request, "studio/entities.html", {"rows": rows})


@admin_only
def entity_new(request: HttpRequest) -> HttpResponse:
    """Make an entity with its first field; its table, walls and journal come with it."""
    error, plan, status = "", None, 200
    if request.method == "POST":
        dry = request.POST.get("do") == "check"
        try:
            first = _spec(request)
            published = entity_define(
                actor=actor_of(request),
                key=f"x.{request.POST.get('slug', '').strip()}",
                label=_label(
                    request.POST.get("en", ""), request.POST.get("zh", ""), request.POST.get("slug", "")
                ),
                schema=Schema((first,)),
                title=first.name,
                dry_run=dry,
            )
        except MesError as refusal:
            error, status = words_of(refusal), 422
        else:
            if not dry:
                messages.success(request, str(PUBLISHED))
                return HttpResponseRedirect(f"/studio/entities/x.{request.POST['slug'].strip()}/")
            plan = _plan(published)
    context = {
        "types": _types(),
        "targets": _targets(),
        "error": error,
        "plan": plan,
        "given": request.POST,
    }
    return render(request, "studio/entity_new.html", context, status=status)


@admin_only
def entity_page(request: HttpRequest, key: str) -> HttpResponse:
    """The fields of an entity, and one more: first the plan, then the deed."""
    noun = entity(key)
    error, plan, status = "", None, 200
    if request.method == "POST":
        dry = request.POST.get("do") == "check"
        try:
            published = field_add(actor=actor_of(request), entity_key=key, spec=_spec(request), dry_run=dry)
        except MesError as refusal:
            error, status = words_of(refusal), 422
        else:
            if not dry:
                messages.success(request, str(PUBLISHED))
                return HttpResponseRedirect(f"/studio/entities/{key}/")
            plan = _plan(published)
    language = translation.get_language() or "en"
    fields = [
        {
            "name": spec.name,
            "label": spec.label.in_language(language),
            "type": type_of(spec).label.in_language(language),
            "required": spec.required,
            "added": spec.name in noun.x_names or noun.is_custom,
        }
        for spec in noun.schema
    ]
    context = {
        "entity": noun,
        "fields": fields,
        "types": _types(),
        "targets": _targets(),
        "error": error,
        "plan": plan,
        "roles": _roles(key),
        "given": request.POST,
    }
    return render(request, "studio/entity.html", context, status=status)


def _plan(published: Published) -> dict[str, Any]:
    """Return a dry run as the page tells it: words first, the statements for who wants to see them."""
    language = translation.get_language() or "en"
    words = published.words
    parts = (("What is made", "将新建", words.makes), ("What becomes of the data", "对已有数据", words.data),
             ("How long others wait", "他人等待", words.wait))  # fmt: skip
    return {
        "parts": [
            {"title": T(en, zh).in_language(language), "lines": [one.in_language(language) for one in lines]}
            for en, zh, lines in parts
        ],
        "risks": [
            {"words": T.of(risk["message"]).in_language(language), "rows": risk["rows"]}
            for risk in published.risks
        ],
        "steps": published.steps,
    }


def _roles(key: str) -> list[dict[str, Any]]:
    """Return every role with what it may do with an entity, in words; those that may something first."""
    language = translation.get_language() or "en"
    words = {verb: label.in_language(language) for verb, label in verbs_of(key).items()}
    may: dict[str, dict[str, None]] = {}
    for grant in grant_list():
        if any(noun.key == key for noun in covered(grant.entity)):
            may.setdefault(grant.role.key, {}).update(dict.fromkeys(grant.actions))
    found = [
        {
            "key": role.key,
            "label": str(role),
            "may": [word for verb, word in words.items() if verb in may.get(role.key, {})],
        }
        for role in role_list()
    ]
    return sorted(found, key=lambda one: not one["may"])


def _types() -> list[Any]:
    return [kind for kind in sorted(field_types, key=lambda kind: kind.key) if kind.key != "table"]


def _targets() -> list[Entity]:
    """Return what a reference may point to, by the name people know it by."""
    return sorted(entities().by_key.values(), key=lambda noun: (not noun.is_custom, str(noun.label)))


def _spec(request: HttpRequest) -> FieldSpec:
    """Read a field off the form. Raises: MesError when a setting cannot be read."""
    given = request.POST
    kind = given.get("type", "text")
    options: dict[str, Any] = {}
    for line in given.get("options", "").splitlines():
        name, mark, value = line.partition("=")
        if mark:
            options[name.strip()] = _option(value.strip())
    if kind == "choice":
        options["choices"] = given.get("choices", "")
    if kind == "reference":
        options["target"] = given.get("target", "").strip()
    if kind == "formula":
        options["formula"] = given.get("formula", "")
    return FieldSpec(
        name=given.get("name", "").strip(),
        type=kind,
        label=_label(given.get("label_en", ""), given.get("label_zh", ""), given.get("name", "")),
        required=given.get("required") == "true",
        unique=given.get("unique") == "true",
        index=given.get("index") == "true",
        options=options,
        required_when=given.get("required_when", "").strip(),
        visible_when=given.get("visible_when", "").strip(),
    )


def _label(en: str, zh: str, name: str) -> T:
    """Return a label in both languages: one given alone stands for both, the technical name for none."""
    en, zh = en.strip(), zh.strip()
    return T(en or zh or name.strip(), zh or en or name.strip())


def _option(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"-?\d{1,15}", text) else plain_number(text)


def words_of(refusal: MesError) -> str:
    """Return all that is wrong as one line."""
    return " · ".join(faults_of(refusal))


def faults_of(refusal: MesError) -> list[str]:
    """Return all that is wrong, one sentence each, with its place."""
    language = translation.get_language() or "en"
    found = [
        f"{one.field}: {one.in_language(language)}" if one.field else one.in_language(language)
        for one in refusal.errors
    ]
    return found or [refusal.in_language(language)]
