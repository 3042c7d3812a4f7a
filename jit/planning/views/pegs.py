"""Pegs for programs: whom a call-off or a work order serves, and what a work order is fed from."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from forms_engine.access.actor import Actor
from forms_engine.api.requests import answered, endpoint
from jit.planning.selectors.pegs import pegs_of


def pegs_get(request: HttpRequest, actor: Actor, record_id: UUID) -> HttpResponse:
    """GET the pegs of a call-off or a work order, by the last run."""
    return answered(pegs_of(actor, record_id))


pegs = endpoint(GET=pegs_get)
