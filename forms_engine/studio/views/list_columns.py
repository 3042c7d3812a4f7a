"""The columns of an entity's list: ticked and put in order, saved for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from forms_engine.access.actor import actor_of
from forms_engine.core.entity import Entity, entity
from forms_engine.core.run import action_run
from forms_engine.core.services import CHOOSE, columns_offered
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text as T
from forms_engine.studio.guard import admin_only
from forms_engine.studio.views.nouns import words_of

SAVED = T("Saved. Everybody's list shows these columns at once.", "已保存，所有人的列表立即生效。")


@admin_only
def columns_page(request: HttpRequest, key: str) -> HttpResponse:
    """Tick what the list shows, move it up and down, save; a move alone changes nothing yet."""
    noun = entity(key)
    order, ticked = _order(request, noun)
    error, status, is_moved = "", 200, False
    if request.method == "POST":
        move, _, name = request.POST.get("do", "").partition(":")
        if move in ("up", "down") and name in order:
            order, is_moved = _moved(order, name, -1 if move == "up" else 1), True
        else:
            chosen = [] if move == "default" else [one for one in order if one in ticked]
            try:
                if move != "default" and not chosen:
                    raise MesError(T("Tick at least one column.", "请至少勾选一列。"))
                action_run(
                    actor=actor_of(request), key=CHOOSE, raw={"entity": key, "columns": ", ".join(chosen)}
                )
            except MesError as refusal:
                error, status = words_of(refusal), 422
            else:
                messages.success(request, str(SAVED))
                return HttpResponseRedirect(f"/studio/entities/{key}/columns/")
    context = {
        "entity": noun,
        "rows": _rows(noun, order, ticked),
        "error": error,
        "is_moved": is_moved,
        "breadcrumb": [
            {"label": str(T("Entities and fields", "实体与字段")), "url": "/studio/entities/"},
            {"label": str(noun.label), "url": f"/studio/entities/{key}/"},
            {"label": str(T("List columns", "列表列")), "url": ""},
        ],
    }
    return render(request, "studio/columns.html", context, status=status)


def _order(request: HttpRequest, noun: Entity) -> tuple[list[str], set[str]]:
    """Return all fields in the order of the page, and the ticked ones: as sent, else as the list has them."""
    offered = columns_offered(noun)
    if request.method == "POST":
        first, ticked = request.POST.getlist("field"), set(request.POST.getlist("show"))
    else:
        first, ticked = list(noun.columns), set(noun.columns)
    order = [name for name in dict.fromkeys(first) if name in offered]
    return [*order, *(name for name in offered if name not in order)], ticked


def _moved(order: list[str], name: str, by: int) -> list[str]:
    place = order.index(name)
    other = min(max(place + by, 0), len(order) - 1)
    moved = list(order)
    moved[place], moved[other] = moved[other], moved[place]
    return moved


def _rows(noun: Entity, order: list[str], ticked: set[str]) -> list[dict[str, Any]]:
    language = translation.get_language() or "en"
    return [
        {
            "name": name,
            "label": noun.fields[name].spec.label.in_language(language) or name,
            "type": noun.fields[name].type.label.in_language(language),
            "is_shown": name in ticked,
        }
        for name in order
    ]
