"""People: let in, change, give a new password, shut out; each by the action the API has, too."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from forms_engine.access.actor import Actor, actor_of
from forms_engine.access.administrators import ADMIN_ROLE, SUPPLIER_ROLE
from forms_engine.access.selectors import person_get, role_list, user_list
from forms_engine.core.action import actions
from forms_engine.core.person_inputs import PEOPLE, supplier_noun
from forms_engine.core.query import lookup
from forms_engine.core.run import action_run
from forms_engine.journal.selectors import doings_of
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text
from forms_engine.studio.guard import admin_only

DOINGS = {
    "update": ("access.person.update", Text("Saved.", "已保存。")),
    "password": (
        "access.person.set_password",
        Text(
            "New password set; all sessions and API tokens ended.",
            "密码已重置，所有会话已结束，接口令牌已失效。",
        ),
    ),
    "deactivate": ("access.person.deactivate", Text("Deactivated.", "已停用。")),
    "activate": ("access.person.activate", Text("Reactivated.", "已重新启用。")),
}
LABELS = {
    "username": Text("Log-in", "登录名"),
    "name": Text("Name", "姓名"),
    "password": Text("Password", "密码"),
    "language": Text("Language", "语言"),
    "roles": Text("Roles", "角色"),
    "supplier": Text("Supplier", "供应商"),
}


@admin_only
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody who may log in, found by a word of log-in, name or role."""
    word = request.GET.get("q", "").strip().lower()
    names = _supplier_names(actor_of(request))
    rows = []
    for person in user_list():
        roles = [str(role) for role in person.roles.all()]
        supplier = names.get(person.supplier_id, "–") if person.supplier_id else ""
        seen = " ".join((person.username, person.first_name, supplier, *roles)).lower()
        if word in seen:
            rows.append({"person": person, "roles": roles, "supplier": supplier})
    return render(request, "studio/people.html", {"rows": rows, "q": request.GET.get("q", "")})


@admin_only
def person_new(request: HttpRequest) -> HttpResponse:
    """Let one more person in."""
    errors, given = [], {"language": translation.get_language() or "zh-hans", "roles": []}
    if request.method == "POST":
        given = _given(request)
        try:
            made = action_run(actor=actor_of(request), key="access.person.add", raw=given | _joined(given))
        except MesError as refusal:
            errors = _told(refusal)
        else:
            messages.success(request, _("Added. Hand over the log-in and the password."))
            return HttpResponseRedirect(f"/studio/people/{made.record_id}/")
    context = _choices(request, given) | {"errors": errors}
    return render(request, "studio/person_new.html", context, status=422 if errors else 200)


@admin_only
def person_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: what he may do, his password, his end; and what was done here before."""
    person = person_get(pk)
    if person is None:
        raise Http404
    roles = [role.key for role in person.roles.all()]
    if person.is_superuser and ADMIN_ROLE not in roles:
        roles.append(ADMIN_ROLE)
    standing = {
        "name": person.first_name,
        "language": person.language,
        "roles": roles,
        "supplier": str(person.supplier_id or ""),
    }
    errors, given = [], standing
    if request.method == "POST":
        key, done = DOINGS.get(request.POST.get("do", ""), DOINGS["update"])
        sent: dict[str, Any] = {"person": str(pk)}
        if key == DOINGS["update"][0]:
            given = _given(request)
            sent |= {name: given[name] for name in ("name", "language", "supplier")} | _joined(given)
        elif key == DOINGS["password"][0]:
            sent["password"] = request.POST.get("password", "")
        try:
            action_run(actor=actor_of(request), key=key, raw=sent)
        except MesError as refusal:
            errors = _told(refusal)
        else:
            messages.success(request, str(done))
            return HttpResponseRedirect(f"/studio/people/{pk}/")
    context = _choices(request, given) | {
        "person": person,
        "title": person.first_name or person.username,
        "errors": errors,
        "is_me": person.pk == request.user.pk,
        "entries": doings(PEOPLE, pk),
    }
    return render(request, "studio/person.html", context, status=422 if errors else 200)


def _given(request: HttpRequest) -> dict[str, Any]:
    sent = request.POST
    given: dict[str, Any] = {name: sent.get(name, "") for name in ("name", "language", "supplier")}
    if "username" in sent:
        given |= {"username": sent["username"], "password": sent.get("password", "")}
    return given | {"roles": sent.getlist("roles")}


def _joined(given: dict[str, Any]) -> dict[str, str]:
    return {"roles": ",".join(given["roles"])}


def _choices(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    """Return what the fields offer: roles by label, languages, suppliers by their name."""
    noun = supplier_noun()
    chosen = given.get("supplier", "")
    label = ""
    if noun is not None and chosen:
        found = (
            lookup(actor_of(request), noun.key, filter=["eq", "id", chosen], size=1) if _is_id(chosen) else []
        )
        label = _label(found[0]) if found else ""
    return {
        "given": given,
        "roles": [
            {"key": role.key, "label": str(role), "on": role.key in given.get("roles", ())}
            for role in role_list()
            if role.key != SUPPLIER_ROLE
        ],
        "languages": [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES],
        "supplier_url": f"/api/v1/{noun.key}/lookup/" if noun is not None else "",
        "supplier_label": label,
    }


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _supplier_names(actor: Actor) -> dict[UUID, str]:
    noun = supplier_noun()
    if noun is None:
        return {}
    return {UUID(str(row["id"])): _label(row) for row in lookup(actor, noun.key, size=500)}


def _label(row: dict[str, Any]) -> str:
    return f"{row['label']} {row['hint']}".strip()


def _told(refusal: MesError) -> list[dict[str, str]]:
    """Return what is wrong for the summary on top: beside which field, in the reader's language."""
    language = translation.get_language()
    found = [
        {
            "field_id": f"p-{one.field}" if one.field in LABELS else "",
            "label": str(LABELS.get(one.field or "", "")),
            "message": one.in_language(language),
        }
        for one in refusal.errors
    ]
    return found or [{"field_id": "", "label": "", "message": refusal.in_language(language)}]


def doings(entity_key: str, pk: UUID) -> list[dict[str, Any]]:
    """Return the history of a person or a role as the timeline shows it, newest first."""
    return [
        {
            "who": entry["who"] or "–",
            "what": str(actions.get(entry["action"]).label)
            if entry["action"] in actions
            else entry["action"],
            "at": entry["at"],
            "comment": entry["reason"],
        }
        for entry in doings_of(entity_key, pk)
    ]
