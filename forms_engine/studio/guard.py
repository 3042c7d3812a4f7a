"""Only administrators open the studio."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from forms_engine.access.actor import actor_of
from forms_engine.access.administrators import is_administrator
from forms_engine.forms.guard import signed_in
from forms_engine.kernel.errors import Denied
from forms_engine.kernel.text import Text as T


def admin_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse everybody who is not an administrator, with the page that says which right is missing."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        actor = actor_of(request)
        if not is_administrator(actor):
            raise Denied(T("The studio is for administrators.", "设计器仅限管理员使用。"))
        return view(request, *args, **more)

    return signed_in(guarded)
