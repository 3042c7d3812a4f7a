"""Addresses of the engine's pages."""

from django.urls import path

from forms_engine.core import addresses  # noqa: F401  (registers the key and verb converters)
from forms_engine.web.views import export, form_pages, inbox, jobs, records, session

app_name = "web"
urlpatterns = [
    path("", session.home, name="home"),
    path("login", session.login_page, name="login"),
    path("logout", session.logout_now, name="logout"),
    path("me", session.me, name="me"),
    path("me/language", session.language_set, name="language"),
    path("me/theme", session.theme_set, name="theme"),
    path("e/", records.entity_index, name="entities"),
    path("e/<key:key>/", records.record_list, name="list"),
    path("e/<key:key>/export.xlsx", export.record_export, name="export"),
    path("e/<key:key>/new", form_pages.record_new, name="new"),
    path("e/<key:key>/<uuid:pk>/", records.record_page, name="record"),
    path("e/<key:key>/<uuid:pk>/edit", form_pages.record_edit, name="edit"),
    path("e/<key:key>/<uuid:pk>/do/<verb:verb>", form_pages.record_do, name="do"),
    path("do/<key:key>/", form_pages.action_page, name="action"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<uuid:pk>/", inbox.task, name="task"),
    path("jobs/<uuid:pk>/", jobs.job_page, name="job"),
    path("jobs/<uuid:pk>/cancel", jobs.job_cancel_view, name="job-cancel"),
]
