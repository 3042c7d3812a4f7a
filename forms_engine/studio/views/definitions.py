"""Forms, flows and roles: edited as the same YAML a package holds, checked before they count."""

from __future__ import annotations

import json
from typing import Any

import yaml
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from forms_engine.access.actor import Actor, actor_of
from forms_engine.access.selectors import role_list
from forms_engine.core.run import action_run
from forms_engine.forms.selectors import forms_all
from forms_engine.kernel.errors import BadRequest, MesError
from forms_engine.kernel.text import Text as T
from forms_engine.packages.parts.base import Part
from forms_engine.packages.selectors import alert_rules
from forms_engine.packages.services import part_of_kind
from forms_engine.studio.guard import admin_only
from forms_engine.studio.views.nouns import PUBLISHED, faults_of
from forms_engine.workflows.selectors import workflows_all

KINDS = {
    "forms": (T("Forms", "表单"), "slug"),
    "flows": (T("Flows", "流程"), "slug"),
    "roles": (T("Roles and rights", "角色与权限"), "key"),
    "alerts": (T("Alerts", "预警"), "key"),
}
EXAMPLES = {
    "forms": """slug: new-form
entity: catalog.item
title: {en: Item, zh: 物料}
layout:
  sections:
    - label: {en: Item, zh: 物料}
      columns: 2
      fields: [code, name, unit]
""",
    "flows": """slug: new_flow
title: {en: New flow, zh: 新流程}
entity: planning.plan
nodes:
  - id: start
    type: start
    options: {trigger: event, event: planning.plan.submitted}
    next: {out: done}
  - {id: done, type: end, options: {result: done}}
""",
    "roles": """key: new_role
label: {en: New role, zh: 新角色}
grants:
  - {entity: catalog.item, actions: [read]}
""",
    "alerts": """key: new_alert
type: supply.stock_out
title: {en: Line runs out, zh: 线边断料}
options: {within_minutes: 60}
roles: [planner]
""",
}


def _keys(kind: str) -> list[str]:
    if kind == "forms":
        return [row.slug for row in forms_all()]
    if kind == "flows":
        return [row.slug for row in workflows_all()]
    if kind == "alerts":
        return [row.key for row in alert_rules()]
    return [row.key for row in role_list()]


def _names(kind: str) -> dict[str, str]:
    """Return what stands beside the key: how a role is called."""
    return {row.key: str(row) for row in role_list()} if kind == "roles" else {}


@admin_only
def definition_list(request: HttpRequest, kind: str) -> HttpResponse:
    """What there is of one kind."""
    title, _ = _kind(kind)
    names = _names(kind)
    rows = [(key, names.get(key, "")) for key in _keys(kind)]
    return render(request, "studio/definitions.html", {"kind": kind, "title": title, "rows": rows})


def _kind(kind: str) -> tuple[T, str]:
    if kind not in KINDS:
        raise BadRequest(T("There is no such kind of definition.", "没有这种定义。"))
    return KINDS[kind]


@admin_only
def definition_page(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Read and change one definition; a mistake is named and nothing is published."""
    title, name = _kind(kind)
    part = part_of_kind(kind)
    live = None if key == "new" else part.live({name: key, "entries": []})
    text = request.POST.get("text") or (EXAMPLES[kind] if live is None else _yaml(live))
    status = 200
    errors: list[str] = []
    if request.method == "POST":
        try:
            data = yaml.safe_load(text)
            if not isinstance(data, dict) or name not in data:
                raise BadRequest(T("The text is no definition.", "内容不是有效的定义。"))
            _publish(actor_of(request), kind, part, data)
        except yaml.YAMLError as fault:
            errors, status = [str(_unreadable(fault))], 422
        except (KeyError, TypeError, ValueError) as fault:
            errors, status = [str(T("Missing or wrong: %(what)s", "缺少或错误：%(what)s", what=fault))], 422
        except MesError as refusal:
            errors, status = faults_of(refusal), 422
        else:
            messages.success(request, str(PUBLISHED))
            return HttpResponseRedirect(f"/studio/{kind}/{data[name]}/")
    context = {"kind": kind, "title": title, "key": key, "text": text, "errors": errors}
    return render(request, "studio/definition.html", context, status=status)


def _unreadable(fault: yaml.YAMLError) -> T:
    """Say where the text stops being YAML; what its reader made of it follows, in its own English."""
    mark = getattr(fault, "problem_mark", None)
    if mark is None:
        return T("The text is no YAML: %(what)s", "内容不是有效的 YAML：%(what)s", what=fault)
    return T(
        "Line %(line)s, character %(column)s: the text cannot be read as YAML there (%(what)s). Look for a "
        "bracket or quote that is not closed, a missing colon, and indents that differ.",
        "第 %(line)s 行第 %(column)s 个字符：此处无法按 YAML 读取（%(what)s）。"
        "请检查未闭合的括号或引号、缺少的冒号、不一致的缩进。",
        line=mark.line + 1,
        column=mark.column + 1,
        what=getattr(fault, "problem", None) or fault,
    )


def _publish(actor: Actor, kind: str, part: Part, data: dict[str, Any]) -> None:
    """Check and write; the rights of a role by the same action as its form."""
    settled = part.settled(data)
    if kind != "roles":
        part.write(actor=actor, data=data)
        return
    raw = {"role": str(settled["key"]), "grants": json.dumps(settled["grants"])}
    raw |= {"label_en": settled["label"]["en"], "label_zh": settled["label"]["zh"]}
    action_run(actor=actor, key="access.role.set", raw=raw)


def _yaml(data: dict[str, Any]) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)
