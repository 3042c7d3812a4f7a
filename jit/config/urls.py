"""Every address of the site, room by room."""

from django.urls import URLPattern, URLResolver

from jit.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    *health.urlpatterns,
]
