"""A form on a page: a new record, a standing one, an action; what was typed is never lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from forms_engine.access import policy
from forms_engine.access.actor import Actor, actor_of
from forms_engine.core.action import Action
from forms_engine.core.conflicts import VersionConflict
from forms_engine.core.describe import action_refusal
from forms_engine.core.entity import UPDATE, Entity, entity
from forms_engine.core.query import record_get
from forms_engine.core.run import action_of, action_run
from forms_engine.forms.guard import signed_in
from forms_engine.forms.reading import submitted
from forms_engine.forms.render import render_form, row_schema
from forms_engine.forms.selectors import Form, form_for_action, form_for_entity
from forms_engine.forms.shown import input_value, shown
from forms_engine.kernel.errors import FieldError, MesError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.web.views.records import title_of

SAVED = T("Saved.", "已保存。")
DONE = T("Done: %(label)s.", "已完成：%(label)s。")
CHANGED = T(
    "Somebody changed this record meanwhile. Look at the marked fields; saving again keeps what stands here.",
    "该记录刚被他人修改。请查看标记的字段；再次保存将以本页内容为准。",
)
RECORD_FIRST = T("Open the record first; this is done there.", "请先打开记录，再执行该操作。")
MOST_NAMES = 100
DRAFTS_SAVED = "takt_saved"
MOST_SAVED = 8
NOT_FROM_THE_PAGE = ("table", "file", "formula")


def _language() -> str:
    return translation.get_language() or "en"


@signed_in
def record_new(request: HttpRequest, key: str) -> HttpResponse:
    """A new record on the entity's form; `?field=value` fills it in."""
    if request.method != "POST":
        _may_begin(actor_of(request), f"{key}.create")
    form = form_for_entity(entity(key))
    given = {name: value for name, value in request.GET.items() if name in form.schema}
    return form_page(request, form, f"{key}.create", None, values=defaults_of(form.schema) | given)


def _may_begin(actor: Actor, key: str) -> Action:
    """Ask before a form is filled in. Raises: Denied, ActionUnknown (records only their own actions make)."""
    verb = action_of(key)
    policy.require(actor, key, entity(verb.entity) if verb.entity else None)
    return verb


def defaults_of(schema: Schema) -> dict[str, Any]:
    """Return the constant defaults: a box that is ticked unless somebody clears it must be drawn ticked."""
    return {
        spec.name: spec.default
        for spec in schema
        if spec.default is not None and not isinstance(spec.default, dict)
    }


@signed_in
def record_edit(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """The same form over a record that stands; a second editor's save is refused with the difference."""
    noun, actor = entity(key), actor_of(request)
    values = record_get(actor, key, pk)
    # What was typed meanwhile is not thrown away: a save is refused on the form itself.
    if request.method != "POST":
        verb = None if noun.read_only else action_of(f"{key}.{UPDATE}")
        refusal = action_refusal(actor, noun, pk, verb)
        if refusal is not None:
            return _refused(request, key, pk, refusal)
    return form_page(request, form_for_entity(noun), f"{key}.update", pk, values=values, record=values)


def _refused(request: HttpRequest, key: str, pk: UUID, refusal: MesError) -> HttpResponse:
    """Land on the record and say there why its form is not offered."""
    messages.error(request, refusal.in_language(_language()))
    return HttpResponseRedirect(f"/e/{key}/{pk}/")


@signed_in
def record_do(request: HttpRequest, key: str, pk: UUID, verb: str) -> HttpResponse:
    """Do an action of a record: at once if it asks for nothing, on its form otherwise."""
    full = f"{key}.{verb}"
    form, noun = form_for_action(full), entity(key)
    actor, verb = actor_of(request), action_of(full)
    record = _readable(actor, key, pk)
    # What was typed meanwhile is not thrown away: a late answer is refused on the form itself.
    if request.method != "POST" and verb.record_needed:
        refusal = action_refusal(actor, noun, pk, verb)
        if refusal is not None and record is None:
            raise refusal  # there is no page of the record to land on
        if refusal is not None:
            return _refused(request, key, pk, refusal)
    record = record or {"id": str(pk)}
    if not form.schema.fields and request.method != "POST":
        context = {"entity": noun, "form": form, "id": str(pk), "title": title_of(noun, record)}
        return render(request, "web/confirm.html", context)
    return form_page(request, form, full, pk, values=defaults_of(form.schema), record=record)


def _readable(actor: Actor, key: str, pk: UUID) -> dict[str, Any] | None:
    """Return the record for its name on the page; None for who may act on it without reading it."""
    try:
        return record_get(actor, key, pk)
    except MesError:
        return None


@signed_in
def action_page(request: HttpRequest, key: str) -> HttpResponse:
    """Do an action that needs no record (plan now, count, receive unannounced)."""
    form = form_for_action(key)
    if request.method != "POST":
        verb = _may_begin(actor_of(request), key)
        if verb.record_needed and verb.entity:
            messages.info(request, str(RECORD_FIRST))
            return HttpResponseRedirect(f"/e/{verb.entity}/")
    return form_page(request, form, key, None, values=defaults_of(form.schema) | request.GET.dict())


def form_page(
    request: HttpRequest,
    form: Form,
    key: str,
    pk: UUID | None,
    *,
    values: dict[str, Any],
    record: dict[str, Any] | None = None,
) -> HttpResponse:
    """Draw a form and take it: through the door, all errors at once, what was typed is kept.

    Args:
        values: what stands in the inputs at first.
        record: the standing record, for its name and version.
    """
    actor = actor_of(request)
    noun = form.entity
    rights = policy.field_rights(actor, noun) if noun is not None and not form.action else None
    errors: list[Any] = []
    status = 200
    version = values.get("version")
    was = _shown_values(form.schema, values)
    if request.method == "POST":
        raw = submitted(form.schema, request.POST)
        version = request.POST.get("version") or None
        was = _was(request)
        try:
            answer = action_run(
                actor=actor,
                key=key,
                record=pk,
                raw=raw,
                request_id=getattr(request, "id", None),
                idempotency_key=request.POST.get("once") or None,
                expected_version=int(version) if version and str(version).isdecimal() else None,
            )
        except VersionConflict as conflict:
            version = conflict.params["version"]
            errors = [
                FieldError("", conflict.code, CHANGED),
                *_conflicts(form.schema, conflict, values, raw, was),
            ]
            theirs = {one for one in conflict.params["differs"] if _same(raw.get(one), was.get(one))}
            was = _shown_values(form.schema, values)
            values = {**values, **{name: value for name, value in raw.items() if name not in theirs}}
            status = conflict.status
        except MesError as refusal:
            errors = list(refusal.errors) or [refusal.at("")]
            values = {**values, **raw}
            status = refusal.status if refusal.status in (409, 422, 403) else 422
        else:
            messages.success(request, str(_said(form, key, answer.data)))
            return _draft_done(request, _after(request, noun, key, pk, answer), _draft_key(actor, key, pk))
    html = render_form(
        form,
        values=_named(actor, form.schema, values),
        errors=errors,
        read_only=rights.read_only if rights else frozenset(),
        hidden=rights.hidden if rights else frozenset(),
        context={"csp_nonce": request.csp_nonce},
    )
    context = {
        "form": form,
        "html": html,
        "version": version,
        "was": json.dumps(was, ensure_ascii=False) if pk and not form.action else "",
        "verb": form.title.in_language(_language()),
        "entity": noun,
        "draft_key": _draft_key(actor, key, pk),
        **_names(form, pk, record),
    }
    return render(request, "web/form.html", context, status=status)


def _draft_key(actor: Actor, key: str, pk: UUID | None) -> str:
    return f"{actor.user_id or actor.id}:{key}:{pk or 'new'}"


def _draft_done(request: HttpRequest, response: HttpResponse, draft: str) -> HttpResponse:
    """Tell the browser which draft is saved now, in a cookie that waits until some page has read it."""
    waiting = [one for one in request.COOKIES.get(DRAFTS_SAVED, "").split("|") if one and one != draft]
    response.set_cookie(
        DRAFTS_SAVED,
        "|".join([*waiting[-MOST_SAVED:], draft]),
        max_age=3600,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


def _said(form: Form, key: str, data: Any) -> T:
    """Return what is said when it is done."""
    if not form.action:
        return SAVED
    return action_of(key).said(data or {}) or T(DONE.en, DONE.zh, label=str(form.title))


def _named(actor: Actor, schema: Schema, values: dict[str, Any]) -> dict[str, Any]:
    """Give references that came back as a bare id their names again, also those of lines."""
    known: dict[tuple[str, str], Any] = {}

    def named(spec: FieldSpec, value: Any) -> Any:
        if spec.type == "table" and isinstance(value, list):
            return [
                {
                    **line,
                    **{one.name: named(one, line[one.name]) for one in row_schema(spec) if one.name in line},
                }
                for line in value
            ]
        if spec.type != "reference" or not isinstance(value, str) or not value or len(known) >= MOST_NAMES:
            return value
        key = (str(spec.option("target")), value)
        if key not in known:
            try:
                found = record_get(actor, *key)
            except MesError:
                return value  # no such record, or none of theirs: the refusal says so
            known[key] = {"id": value, "label": title_of(entity(key[0]), found)}
        return known[key]

    return {**values, **{one.name: named(one, values[one.name]) for one in schema if one.name in values}}


def _names(form: Form, pk: UUID | None, record: dict[str, Any] | None) -> dict[str, Any]:
    """Return title, breadcrumb and way back: which record is this, and what is about to happen."""
    language, noun = _language(), form.entity
    label = form.title.in_language(language)
    record_title = title_of(noun, record) if noun is not None and record is not None else ""
    if form.action or noun is None:
        title = f"{label} · {record_title}" if record_title else label
        here = label
    elif pk:
        title = here = T("Edit %(what)s", "编辑 %(what)s", what=record_title).in_language(language)
    else:
        title = here = T("New: %(what)s", "新增%(what)s", what=label).in_language(language)
    crumbs = []
    if noun is not None:
        crumbs.append({"label": noun.plural.in_language(language), "url": f"/e/{noun.key}/"})
        if pk:
            crumbs.append({"label": record_title, "url": f"/e/{noun.key}/{pk}/"})
    back = crumbs[-1]["url"] if crumbs else "/"
    return {"title": title, "back": back, "breadcrumb": [*crumbs, {"label": here, "url": ""}]}


def _shown_values(schema: Schema, values: Mapping[str, Any]) -> dict[str, str]:
    """Return what each simple input shows at first, as it would come back untouched."""
    found = {}
    for spec in schema:
        if spec.type not in NOT_FROM_THE_PAGE:
            value = input_value(spec, values.get(spec.name), _language())
            found[spec.name] = str(value.get("id", "") if isinstance(value, dict) else value)
    return found


def _was(request: HttpRequest) -> dict[str, str]:
    try:
        found = json.loads(request.POST.get("was") or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _conflicts(
    schema: Schema,
    conflict: VersionConflict,
    current: Mapping[str, Any],
    raw: Mapping[str, Any],
    was: Mapping[str, str],
) -> list[FieldError]:
    """Return a note at every field both have changed. One that only the other changed keeps theirs."""
    found = []
    for name in conflict.params["differs"]:
        spec = schema.get(name)
        if spec is None or _same(raw.get(name), was.get(name)):
            continue
        now = _shown_values(Schema((spec,)), current).get(name)
        if _same(now, was.get(name)) or _same(now, raw.get(name)):
            continue
        theirs = shown(spec, current.get(name), _language()).text
        words = T("Meanwhile it was set to “%(value)s”.", "期间已被他人改为“%(value)s”。", value=theirs)
        found.append(FieldError(name, VersionConflict.code, words))
    return found


def _same(one: Any, other: Any) -> bool:
    return _plain(one) == _plain(other)


def _plain(value: Any) -> str:
    """Return one spelling of what a browser sends and what we drew: an empty box is False is nothing."""
    text = "" if value is None else str(value).strip()
    return {"True": "true", "False": "", "false": ""}.get(text, text)


def _after(request: HttpRequest, noun: Entity | None, key: str, pk: UUID | None, answer: Any) -> HttpResponse:
    if answer.job_id is not None:
        return HttpResponseRedirect(f"/jobs/{answer.job_id}/")
    if "next" in request.POST and key.endswith(".create") and noun is not None:
        return HttpResponseRedirect(f"/e/{noun.key}/new")
    target = pk or answer.record_id
    if noun is not None and target is not None:
        return HttpResponseRedirect(f"/e/{noun.key}/{target}/")
    return HttpResponseRedirect(f"/e/{noun.key}/" if noun is not None else "/")
