"""Addresses of the portal; the same under `/portal/` (log-in) and `/s/<secret>/` (signed link)."""

from django.urls import path

from jit.portal.views import link, today

urlpatterns = [
    path("", today.today, name="today"),
    path("news", today.news, name="news"),
    path("seen", today.seen, name="seen"),
    path("confirm-all", today.confirm_all, name="confirm-all"),
    path("calloffs/<uuid:pk>/", today.card, name="card"),
    path("calloffs/<uuid:pk>/<slug:verb>", today.calloff, name="calloff"),
    path("language", link.language, name="language"),
]
