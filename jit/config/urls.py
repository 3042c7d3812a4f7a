"""Every address of the site, room by room."""

from django.urls import URLPattern, URLResolver, include, path

from jit.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    *health.urlpatterns,
    path("api/", include("forms_engine.api.urls")),
    path("import/", include("jit.exchange.urls")),
    path("board/", include("jit.planning.urls")),
    path("studio/", include("forms_engine.studio.urls")),
    path("dock/", include("jit.supply.urls")),
    path("line/", include("jit.shopfloor.urls")),
    path("portal/", include(("jit.portal.urls", "portal"))),
    path("s/<str:secret>/", include(("jit.portal.urls", "portal"), namespace="link")),
    path("", include("forms_engine.web.urls")),
]

handler404 = "forms_engine.forms.refusals.not_found"
handler403 = "forms_engine.forms.refusals.denied"
handler500 = "forms_engine.forms.refusals.broken"
