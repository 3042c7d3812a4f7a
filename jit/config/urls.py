"""Every address of the site, room by room."""

from django.urls import URLPattern, URLResolver, include, path

from jit.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    *health.urlpatterns,
    path("api/", include("forms_engine.api.urls")),
]
