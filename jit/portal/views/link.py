"""What only a signed link needs."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from forms_engine.web.views.session import safe_next
from jit.portal.access import Portal, portal_page


@csrf_exempt
@portal_page(counts=False)
@require_POST
def language(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Switch the language of this browser.

    Without a referrer a browser sends `Origin: null` with a plain form, which the CSRF check must refuse. It
    is not needed here: who can name this address holds the link's secret, and only a cookie is set.
    """
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(safe_next(request, portal.base))
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, wanted, max_age=31_536_000, samesite="Lax", httponly=True
        )
    return response
