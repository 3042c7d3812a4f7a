"""Lists and records of any entity: the same pages for typed and admin-made ones."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET

from forms_engine.access import policy
from forms_engine.access.actor import Actor, actor_of
from forms_engine.core.describe import actions_available, entities_for, verbs_for
from forms_engine.core.entity import UPDATE, Entity, entity
from forms_engine.core.query import QuerySpec, query_page, record_get, record_history
from forms_engine.fields.entries import choices_of
from forms_engine.fields.filters import operators_of
from forms_engine.forms.guard import signed_in
from forms_engine.forms.render import row_schema
from forms_engine.forms.selectors import form_for_entity
from forms_engine.forms.shown import Shown, shown
from forms_engine.kernel.errors import BadRequest
from forms_engine.kernel.text import Text as T
from forms_engine.web.views.approvals import record_cases

GENERIC = ("create", "update", "archive", "restore")


def _language() -> str:
    return translation.get_language() or "en"


@signed_in
@require_GET
def entity_index(request: HttpRequest) -> HttpResponse:
    """All entities a person may read."""
    nouns = entities_for(actor_of(request))
    return render(request, "web/entities.html", {"entities": nouns})


def columns_spoken(names: Sequence[str], language: str) -> list[str]:
    """Leave out of each pair like `title_en`, `title_zh` the one in the other language."""
    mine, other = ("_zh", "_en") if language.startswith("zh") else ("_en", "_zh")
    return [n for n in names if not (n.endswith(other) and n.removesuffix(other) + mine in names)]


@signed_in
@require_GET
def record_list(request: HttpRequest, key: str) -> HttpResponse:
    """A list: search, filter, sort and page stand in the address, so that a link gives the same screen."""
    actor, noun = actor_of(request), entity(key)
    policy.require(actor, policy.READ, noun)
    rights = policy.field_rights(actor, noun)
    columns = [
        name
        for name in (_asked_columns(request, noun) or columns_spoken(noun.columns, _language()))
        if name in noun.fields and name not in rights.hidden
    ]
    spec = spec_of(request, noun, columns)
    page = query_page(actor, key, spec)
    language = _language()
    context = {
        "entity": noun,
        "title": noun.plural.in_language(language),
        "columns": [_column(request, noun, name, language) for name in columns],
        "rows": [
            {"id": row["id"], "cells": [_cell(noun, name, row.get(name), language) for name in columns]}
            for row in page
        ],
        "count": page.count,
        "estimated": page.estimated,
        "next_url": _with(request, after=page.next, before=None) if page.next else "",
        "prev_url": _with(request, before=page.prev, after=None) if page.prev else "",
        "search": spec.search,
        "is_filtered": bool(spec.filter or spec.search),
        "filter_fields": filter_fields(noun, rights.hidden, language),
        "may_create": not noun.read_only and policy.can(actor, f"{key}.create", noun),
        "actions": [
            verb for verb in verbs_for(actor, noun) if not verb.record_needed and verb.verb not in GENERIC
        ],
        "export_url": f"/e/{key}/export.xlsx?{request.GET.urlencode()}",
        "breadcrumb": [{"label": noun.plural.in_language(language), "url": ""}],
    }
    template = "web/_rows.html" if request.headers.get("HX-Target") == "rows" else "web/list.html"
    return render(request, template, context)


def _asked_columns(request: HttpRequest, noun: Entity) -> list[str]:
    return [name for name in request.GET.get("columns", "").split(",") if name in noun.fields]


def spec_of(request: HttpRequest, noun: Entity, columns: list[str]) -> QuerySpec:
    """Read search, filter, sort and page off the address. Raises: BadRequest for a filter that is no JSON."""
    given = request.GET.get("filter", "")
    try:
        clause = json.loads(given) if given else None
    except ValueError:
        raise BadRequest(
            T("The filter in the address cannot be read.", "地址中的筛选条件无法识别。")
        ) from None
    sort = tuple(name for name in request.GET.get("sort", "").split(",") if name)
    return QuerySpec(
        filter=clause,
        search=request.GET.get("q", ""),
        sort=sort,
        fields=("id", *columns),
        after=request.GET.get("after") or None,
        before=request.GET.get("before") or None,
        size=50,
        count=True,
    )


def _with(request: HttpRequest, **changes: str | None) -> str:
    params = request.GET.dict()
    for name, value in changes.items():
        if value is None:
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{urlencode(params)}"


def _column(request: HttpRequest, noun: Entity, name: str, language: str) -> dict[str, Any]:
    field = noun.fields[name]
    sort = request.GET.get("sort", "")
    ordered = "descending" if sort == f"-{name}" else "ascending" if sort == name else ""
    sortable = field.type.sortable and field.column is not None
    return {
        "name": name,
        "label": field.spec.label.in_language(language),
        "ordered": ordered,
        "numeric": field.spec.type in ("decimal", "quantity", "integer"),
        "sort_url": _with(
            request, sort=f"-{name}" if ordered == "ascending" else name, after=None, before=None
        )
        if sortable
        else "",
    }


def _cell(noun: Entity, name: str, value: Any, language: str) -> Shown:
    field = noun.fields[name]
    return shown(field.spec, value, language, target=field.target)


def filter_fields(noun: Entity, hidden: frozenset[str], language: str) -> list[dict[str, Any]]:
    """Return what `<mes-filter>` offers: fields, their operators and choices."""
    found = []
    for name, field in noun.fields.items():
        if name in hidden or field.column is None or name in ("id", "version"):
            continue
        one: dict[str, Any] = {
            "name": name,
            "label": field.spec.label.in_language(language),
            "kind": field.spec.type,
            "ops": [
                {"key": op.key, "label": op.label.in_language(language)} for op in operators_of(field.spec)
            ],
        }
        if field.spec.type == "choice":
            one["choices"] = [
                {"value": entry["value"], "label": entry["label"].in_language(language)}
                for entry in choices_of(field.spec)
            ]
        if field.target:
            one["lookup"] = f"/api/v1/{field.target}/lookup/"
        found.append(one)
    return found


@signed_in
@require_GET
def record_page(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """One record: its fields in the form's layout, child rows, what can be done, what has happened."""
    actor, noun = actor_of(request), entity(key)
    values = record_get(actor, key, pk)
    language = _language()
    rights = policy.field_rights(actor, noun)
    layout = form_for_entity(noun).layout
    names = [name for part in layout.parts for name in part.fields]
    rest = [spec.name for spec in noun.schema if spec.name not in names and spec.type != "table"]
    parts = [
        {
            "label": part.label.in_language(language),
            "columns": part.columns,
            "cells": _cells(noun, part.fields, values, rights.hidden, language),
        }
        for part in layout.parts
    ]
    parts.append({"label": "", "columns": 2, "cells": _cells(noun, rest, values, rights.hidden, language)})
    title = title_of(noun, values)
    available = actions_available(actor, noun, pk)
    context = {
        "entity": noun,
        "id": str(pk),
        "title": title,
        "version": values.get("version"),
        "label": noun.label.in_language(language),
        "parts": [part for part in parts if part["cells"]],
        "tables": [
            record_table(noun, spec, values.get(spec.name) or [], language)
            for spec in noun.schema
            if spec.type == "table" and spec.name not in rights.hidden
        ],
        "state": next(
            (
                _cell(noun, name, values.get(name), language)
                for name in ("state", "status")
                if name in noun.fields and name not in rights.hidden
            ),
            None,
        ),
        "actions": [verb for verb in available if verb.verb not in GENERIC],
        "may_edit": any(verb.verb == UPDATE for verb in available),
        "entries": _timeline(actor, noun, pk, language),
        "cases": record_cases(actor, noun, pk, language),
        "topic": f"{key}:{pk}",
        "breadcrumb": [
            {"label": noun.plural.in_language(language), "url": f"/e/{key}/"},
            {"label": title, "url": ""},
        ],
    }
    fragment = request.headers.get("HX-Target") == "drawer"
    return render(request, "web/_record.html" if fragment else "web/record.html", context)


def title_of(noun: Entity, values: Mapping[str, Any]) -> str:
    """Return the name of a record as people say it; its id when it has none."""
    value = values.get(noun.title)
    words = value.get("label") if isinstance(value, dict) else value
    return str(words or values["id"])


def _cells(
    noun: Entity, names: Any, values: dict[str, Any], hidden: frozenset[str], language: str
) -> list[Shown]:
    return [
        _cell(noun, name, values.get(name), language)
        for name in names
        if name in noun.fields and name not in hidden and noun.fields[name].spec.type != "table"
    ]


def record_table(noun: Entity, spec: Any, rows: list[dict[str, Any]], language: str) -> dict[str, Any]:
    """Return child rows as a page shows them: label, columns, cells."""
    child = entity(spec.option("entity", ""))
    names = [name for name in child.columns if name in child.fields and name != spec.option("fk", "")]
    names = names or [one.name for one in row_schema(spec)]
    return {
        "label": spec.label.in_language(language),
        "columns": [
            {
                "label": child.fields[name].spec.label.in_language(language),
                "numeric": child.fields[name].spec.type in ("decimal", "quantity", "integer"),
            }
            for name in names
        ],
        "rows": [[_cell(child, name, row.get(name), language) for name in names] for row in rows],
    }


def _timeline(actor: Actor, noun: Entity, pk: UUID, language: str) -> list[dict[str, Any]]:
    if actor.is_outside:
        return []
    found = []
    for change in record_history(actor, noun.key, pk, limit=30):
        changes, part = [], change["part"]
        of = entity(part["entity"]) if part else noun
        for name, pair in change["fields"].items():
            if name in of.fields and name not in ("version", "updated_at"):
                label = of.fields[name].spec.label.in_language(language)
                changes.append(
                    {
                        "label": label,
                        "old": _brief(of, name, pair["old"], language),
                        "new": _brief(of, name, pair["new"], language),
                    }
                )
        found.append(
            {
                "who": _who(change["actor"] or "–", language),
                "what": _what(change["verb"], of if part else None, part).in_language(language),
                "at": change["at"],
                "changes": [] if change["verb"] in ("INSERT", "I") else changes,
                "comment": change["reason"] or "",
            }
        )
    return found


VERBS = {
    "INSERT": T("created it", "创建"),
    "UPDATE": T("changed it", "修改"),
    "DELETE": T("deleted it", "删除"),
    "I": T("created it", "创建"),
    "U": T("changed it", "修改"),
    "D": T("deleted it", "删除"),
}


PARTS = {
    "I": T("added %(label)s %(row)s", "添加%(label)s %(row)s"),
    "U": T("changed %(label)s %(row)s", "修改%(label)s %(row)s"),
    "D": T("deleted %(label)s %(row)s", "删除%(label)s %(row)s"),
}


def _what(verb: str, child: Entity | None, part: Mapping[str, Any] | None) -> T:
    if child is None or part is None:
        return VERBS.get(verb, T(verb, verb))
    return PARTS[verb].with_params(label=child.label, row=part["title"])


HANDS = {
    "planning": T("Planning", "计划运算"),
    "supply": T("Supply", "供应"),
    "alerts": T("Alerts", "预警"),
    "flows": T("Flow", "流程"),
    "package": T("Package", "软件包"),
    "system": T("System", "系统"),
}
FLOW = re.compile(r"flow \S+(?: \((?P<who>.+)\))?")


def _who(name: str, language: str) -> str:
    """Return a name as people say it: the plant's own hands carry names of the machine room."""
    found = FLOW.fullmatch(name)
    if found is None:
        return HANDS[name].in_language(language) if name in HANDS else name
    if not found["who"]:
        return HANDS["flows"].in_language(language)
    return T("Flow started by %(who)s", "流程（%(who)s发起）", who=found["who"]).in_language(language)


def _brief(noun: Entity, name: str, value: Any, language: str) -> str:
    words = shown(noun.fields[name].spec, value, language)
    if words.kind == "moment" and isinstance(words.value, dt.datetime):
        return words.value.strftime("%Y-%m-%d %H:%M:%S")
    text = words.text
    return text if len(text) <= 80 else text[:79] + "…"
