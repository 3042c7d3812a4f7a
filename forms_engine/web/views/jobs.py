"""What runs in the background: progress, result, cancel."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET, require_POST

from forms_engine.access.actor import actor_of
from forms_engine.core.selectors import job_of
from forms_engine.core.services.jobs import job_stop
from forms_engine.forms.guard import signed_in


@signed_in
@require_GET
def job_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One job; the page asks again every second while it runs."""
    job = job_of(actor_of(request), pk)
    template = "web/_job.html" if request.headers.get("HX-Request") else "web/job.html"
    step = job.get("step") or {}
    language = (translation.get_language() or "en")[:2]
    return render(request, template, {"job": job, "step": step.get(language, "")})


@signed_in
@require_POST
def job_cancel_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask a job to stop."""
    job_stop(actor=actor_of(request), pk=pk)
    return HttpResponseRedirect(f"/jobs/{pk}/")
