"""Roles: a row for each kind of record, ticks for what may be done; who has it, its end. YAML for experts."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from forms_engine.access.actor import Actor, actor_of
from forms_engine.access.administrators import ADMIN_ROLE, SUPPLIER_ROLE
from forms_engine.access.selectors import grants_of_role, role_get, role_holders
from forms_engine.core.entity import entities
from forms_engine.core.role_rights import WORDS, areas, covered, verbs_of
from forms_engine.core.run import action_run
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text as T
from forms_engine.packages.selectors import menu_entries
from forms_engine.studio.guard import admin_only
from forms_engine.studio.views.nouns import PUBLISHED
from forms_engine.studio.views.people import doings

EVERYTHING = T("Everything there is", "所有内容")
AREA = T("Whole area", "整个区域")
ARCHIVED = T("Archived. A new role with the same key brings it back.", "已归档。用相同标识新建角色即可恢复。")
ROLES = "access.role"
"""Under this key the journal knows roles."""
SHOWN = 50
"""So many holders stand on the page of a role; the list of people finds all."""


@admin_only
def role_page(request: HttpRequest, key: str) -> HttpResponse:
    """Read and set the rights of a role, or end it; `new` makes one."""
    role = None if key == "new" else role_get(key)
    if role is None and key != "new":
        raise Http404
    label = role.label if role is not None else {}
    given = {"key": role.key if role else "", "en": label.get("en", ""), "zh": label.get("zh", "")}
    grants = grants_of_role(role.key) if role is not None else []
    errors: list[dict[str, str]] = []
    wanted = request.GET.get("for", "")
    if request.method == "POST" and role is not None and request.POST.get("do") == "archive":
        try:
            action_run(actor=actor_of(request), key="access.role.archive", raw={"role": role.key})
        except MesError as refusal:
            errors = _told(refusal)
        else:
            messages.success(request, str(ARCHIVED))
            return HttpResponseRedirect("/studio/roles/")
    elif request.method == "POST":
        given = {
            "key": role.key if role else request.POST.get("key", "").strip(),
            "en": request.POST.get("label_en", "").strip(),
            "zh": request.POST.get("label_zh", "").strip(),
        }
        grants = _grants_sent(request)
        try:
            action_run(
                actor=actor_of(request),
                key="access.role.set",
                raw={
                    "role": given["key"],
                    "label_en": given["en"],
                    "label_zh": given["zh"],
                    "grants": json.dumps(grants),
                },
            )
        except MesError as refusal:
            errors = _told(refusal)
        else:
            messages.success(request, str(PUBLISHED))
            return HttpResponseRedirect(f"/studio/roles/{given['key']}/")
    context = {
        "role": role,
        "given": given,
        "errors": errors,
        "rows": _rows(grants, actor_of(request), translation.get_language() or "en", wanted),
    }
    if role is not None:
        context |= _standing(role)
    return render(request, "studio/role.html", context, status=422 if errors else 200)


def _standing(role: Any) -> dict[str, Any]:
    """Return what stands below the rights: who has the role, whether it can end, what was done to it."""
    holders = list(role_holders(role.key)[: SHOWN + 1])
    return {
        "holders": holders[:SHOWN],
        "more_holders": len(holders) > SHOWN,
        "is_needed": role.key in (ADMIN_ROLE, SUPPLIER_ROLE),
        "entries": [entry | {"comment": ""} for entry in doings(ROLES, role.pk)],  # the rights as JSON
    }


def _grants_sent(request: HttpRequest) -> list[dict[str, Any]]:
    """Read the rows with at least one tick."""
    sent, found = request.POST, []
    for number in sent.getlist("row"):
        actions = sent.getlist(f"g-{number}-actions")
        if actions:
            found.append(
                {
                    "entity": sent.get(f"g-{number}-entity", ""),
                    "actions": actions,
                    "condition": sent.get(f"g-{number}-condition", "").strip(),
                    "hidden_fields": sent.getlist(f"g-{number}-hidden"),
                    "read_only_fields": sent.getlist(f"g-{number}-read_only"),
                }
            )
    return found


def _rows(
    grants: list[dict[str, Any]], actor: Actor, language: str, wanted: str = ""
) -> list[dict[str, Any]]:
    """Return what the role has first, then everything else by its name in the menu.

    The row of a `wanted` entity stands before all, opened: somebody came to give rights on it.
    """
    names = _names(actor, language)
    named = {grant["entity"] for grant in grants}
    none = {"actions": [], "condition": "", "hidden_fields": [], "read_only_fields": []}
    free = [none | {"entity": pattern} for pattern in areas() if pattern not in named]
    free += [none | {"entity": key} for key in sorted(names, key=names.__getitem__) if key not in named]
    rows = sorted([*_by_width(grants), *free], key=lambda grant: grant["entity"] != wanted)
    return [
        _row(number, grant, names, language) | {"is_wanted": grant["entity"] == wanted}
        for number, grant in enumerate(rows)
    ]


def _by_width(grants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(grants, key=lambda grant: (not grant["entity"].endswith("*"), grant["entity"]))


def _names(actor: Actor, language: str) -> dict[str, str]:
    """Return how people call each kind of record: as in the menu, else by its plural."""
    zh = language.startswith("zh")
    names = {key: noun.plural.in_language(language) for key, noun in entities().by_key.items()}
    for entry in menu_entries(actor):
        if entry.entity in names and entry.url == f"/e/{entry.entity}/":
            names[entry.entity] = entry.label_zh if zh else entry.label_en
    return names


def _row(number: int, grant: dict[str, Any], names: dict[str, str], language: str) -> dict[str, Any]:
    pattern = grant["entity"]
    nouns = covered(pattern)
    words = {verb: label.in_language(language) for verb, label in verbs_of(pattern).items()}
    if pattern == "*":  # hundreds of verbs say less than none
        words = dict(list(words.items())[:6])
        name = EVERYTHING.in_language(language)
    elif pattern.endswith("*"):
        name = f"{AREA.in_language(language)}: " + ", ".join(names[noun.key] for noun in nouns[:4])
        name += " …" if len(nouns) > 4 else ""
    else:
        name = names.get(pattern, pattern)
    for verb in grant["actions"]:
        words.setdefault(verb, WORDS[verb].in_language(language) if verb in WORDS else verb)
    fields = {}
    if nouns and not pattern.endswith("*"):
        specs = [spec for spec in nouns[0].schema if spec.name in nouns[0].fields]
        fields = {spec.name: spec.label.in_language(language) for spec in specs}
    for field in (*grant["hidden_fields"], *grant["read_only_fields"]):
        fields.setdefault(field, field)
    return {
        "number": number,
        "entity": pattern,
        "name": name,
        "is_wide": pattern.endswith("*"),
        "condition": grant["condition"],
        "has": [words[verb] for verb in words if verb in grant["actions"]],
        "closed": len({*grant["hidden_fields"], *grant["read_only_fields"]}),
        "verbs": [{"key": k, "label": v, "on": k in grant["actions"]} for k, v in words.items()],
        "fields": [
            {
                "name": k,
                "label": v,
                "hidden": k in grant["hidden_fields"],
                "read_only": k in grant["read_only_fields"],
            }
            for k, v in fields.items()
        ],
    }


FIELDS = {"role": "r-key", "label_en": "r-en", "label_zh": "r-zh"}


def _told(refusal: MesError) -> list[dict[str, str]]:
    language = translation.get_language()
    found = [
        {
            "field_id": FIELDS.get(one.field or "", ""),
            "label": {"role": "Key", "label_en": "English", "label_zh": "中文"}.get(one.field or "", ""),
            "message": one.in_language(language),
        }
        for one in refusal.errors
    ]
    return found or [{"field_id": "", "label": "", "message": refusal.in_language(language)}]
