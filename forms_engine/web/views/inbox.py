"""My tasks: what waits for me, what I began, what I have done; and the page of one task."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET, require_http_methods

from forms_engine.access.actor import Actor, actor_of
from forms_engine.core.entity import entities
from forms_engine.core.query import record_get
from forms_engine.core.run import action_run
from forms_engine.forms.guard import plant_only
from forms_engine.forms.layout import layout_of
from forms_engine.forms.reading import submitted
from forms_engine.forms.render import render_form
from forms_engine.forms.selectors import Form, form_for_entity
from forms_engine.forms.shown import shown
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text as T
from forms_engine.notify.selectors import notification_list, notification_unread_count, notification_words
from forms_engine.notify.services import notification_read
from forms_engine.web.views.approvals import VERDICTS, answers, steps
from forms_engine.web.views.records import record_table
from forms_engine.workflows.selectors import TaskPage, inbox_for, subject_label, task_page

BOXES = (
    ("todo", T("To do", "待办")),
    ("started", T("Started by me", "我发起的")),
    ("done", T("Done", "已办")),
    ("messages", T("Messages", "消息")),
)
SAID = {
    "approve": T("approved", "已同意"),
    "submit": T("submitted", "已提交"),
    "return": T("returned", "已退回"),
    "reject": T("rejected", "已拒绝"),
}


@plant_only
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """One box of the inbox."""
    actor, language = actor_of(request), translation.get_language() or "en"
    box = request.GET.get("box", "todo")
    box = box if box in dict(BOXES) else "todo"
    found = inbox_for(actor, box if box != "messages" else "todo")
    rows = (
        [_message(row, language) for row in notification_list(user_id=actor.user_id)[:100]]
        if box == "messages"
        else []
    )
    unread = notification_unread_count(user_id=actor.user_id) if actor.user_id and box != "messages" else 0
    counts = {**found.counts, "messages": unread}
    context = {
        "box": box,
        "boxes": [
            {"key": key, "label": label.in_language(language), "count": counts.get(key)}
            for key, label in BOXES
        ],
        "tasks": [
            {
                "id": task.pk,
                "step": T.of(task.step).in_language(language),
                "subject": _label(task.instance),
                "flow": T.of(task.instance.workflow.title).in_language(language),
                "opened_at": task.opened_at,
                "state": task.state,
                "outcome": task.outcome,
            }
            for task in found.tasks
        ]
        if box != "messages"
        else [],
        "cases": [
            {
                "id": case.pk,
                "flow": T.of(case.workflow.title).in_language(language),
                "subject": _label(case),
                "status": case.get_status_display(),
                "started_at": case.started_at,
                "url": _subject_url(case),
            }
            for case in found.instances
        ],
        "messages_rows": rows,
    }
    if box == "messages" and actor.user_id:
        notification_read(actor=actor)
    return render(
        request,
        "web/_inbox.html" if request.headers.get("HX-Target") == "inbox" else "web/inbox.html",
        context,
    )


def _message(row: Any, language: str) -> dict[str, Any]:
    title, body = notification_words(row, language)
    return {
        "title": title,
        "body": body,
        "link": row.link,
        "at": row.created_at,
        "is_read": row.read_at is not None,
    }


def _label(case: Any) -> str:
    return subject_label(case.entity, case.subject_id) or str(case)


def _subject_url(case: Any) -> str:
    return f"/e/{case.entity}/{case.subject_id}/" if case.entity and case.subject_id else ""


@plant_only
@require_http_methods(["GET", "POST"])
def task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read what is asked, answer it; the second of two clicks is told that it was handled."""
    actor, language = actor_of(request), translation.get_language() or "en"
    error, status = "", 200
    page = task_page(actor, pk)
    form = _opened(page)
    typed: dict[str, Any] = {}
    errors: list[Any] = []
    if request.method == "POST":
        verdict = request.POST.get("verdict", "")
        try:
            if verdict not in VERDICTS:
                raise MesError(T("Choose an answer.", "请选择处理方式。"))
            raw = {"comment": request.POST.get("comment", ""), "turn": request.POST.get("turn") or None}
            if verdict == "return":
                raw["target"] = request.POST.get("target", "")
            if verdict == "submit" and form is not None:
                typed = submitted(form.schema, request.POST)
                raw["values"] = json.dumps(typed, ensure_ascii=False)
            action_run(
                actor=actor,
                key=f"workflows.task.{verdict}",
                record=pk,
                raw=raw,
                idempotency_key=request.POST.get("once") or None,
                request_id=getattr(request, "id", None),
            )
        except MesError as refusal:
            status, errors = refusal.status, list(refusal.errors)
            error = "; ".join(one.in_language(language) for one in refusal.errors) or refusal.in_language(
                language
            )
        else:
            said = T("%(subject)s: %(verb)s", "%(subject)s：%(verb)s", verb=SAID[verdict])
            messages.success(request, str(said.with_params(subject=_label(page.task.instance))))
            goes_back = request.POST.get("back") == "record"
            return HttpResponseRedirect((goes_back and _subject_url(page.task.instance)) or "/inbox/")
        page = task_page(actor, pk)
        form = _opened(page)
    context = {
        "page": page,
        "fields_html": _fields(request, actor, form, page, typed, errors) if form is not None else "",
        "comment": request.POST.get("comment", ""),
        "back": "record" if request.POST.get("back") == "record" else "",
        "task": page.task,
        "error": error,
        "step": page.step.in_language(language),
        "flow": page.flow.in_language(language),
        "subject": _label(page.task.instance),
        "subject_url": _subject_url(page.task.instance),
        **answers(page, language),
        "steps": steps(page.picture, language),
        "sentences": [line.in_language(language) for line in (*page.picture.why, *page.picture.next)],
        "record": _record(actor, page.task.instance, language),
        "breadcrumb": [
            {"label": T("My tasks", "我的待办").in_language(language), "url": "/inbox/"},
            {"label": page.step.in_language(language), "url": ""},
        ],
    }
    return render(request, "web/task.html", context, status=status)


def _opened(page: TaskPage) -> Form | None:
    """Return the sheet of the fields the step opens to whoever holds it; None if it opens none."""
    noun = entities().by_key.get(page.task.entity or "")
    if noun is None or not page.may_answer or "submit" not in page.verdicts:
        return None
    names = [name for name, right in page.fields.items() if right == "edit" and name in noun.schema]
    if not names:
        return None
    schema = noun.schema.only(names)
    return Form(title=page.step, schema=schema, layout=layout_of(schema), entity=noun)


def _fields(
    request: HttpRequest, actor: Actor, form: Form, page: TaskPage, typed: dict[str, Any], errors: list[Any]
) -> str:
    """Draw the step's inputs over the record's values, as far as this person may see those."""
    try:
        values = record_get(actor, page.task.entity, page.task.subject_id)
    except MesError:
        values = {}
    return render_form(
        form, values={**values, **typed}, errors=errors, context={"csp_nonce": request.csp_nonce}
    )


def _record(actor: Actor, case: Any, language: str) -> dict[str, Any] | None:
    """What the task is about, as far as this person may see it."""
    noun = entities().by_key.get(case.entity or "")
    if noun is None or case.subject_id is None:
        return None
    try:
        values = record_get(actor, noun.key, case.subject_id)
    except MesError:
        return None
    names = [name for name in form_for_entity(noun).layout.names if name in noun.fields]
    return {
        "cells": [
            shown(noun.fields[name].spec, values.get(name), language, target=noun.fields[name].target)
            for name in names
            if noun.fields[name].spec.type != "table"
        ],
        "tables": [
            record_table(noun, spec, values.get(spec.name) or [], language)
            for spec in noun.schema
            if spec.type == "table"
        ],
    }
