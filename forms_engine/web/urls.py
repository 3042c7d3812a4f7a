"""Addresses of the engine's pages."""

from django.urls import path, register_converter

from forms_engine.api.urls import KeyConverter, VerbConverter
from forms_engine.web.views import jobs, records, session

register_converter(KeyConverter, "noun")
register_converter(VerbConverter, "doing")

app_name = "web"
urlpatterns = [
    path("", session.home, name="home"),
    path("login", session.login_page, name="login"),
    path("logout", session.logout_now, name="logout"),
    path("me", session.me, name="me"),
    path("me/language", session.language_set, name="language"),
    path("me/theme", session.theme_set, name="theme"),
    path("e/", records.entity_index, name="entities"),
    path("e/<noun:key>/", records.record_list, name="list"),
    path("e/<noun:key>/new", records.record_new, name="new"),
    path("e/<noun:key>/<uuid:pk>/", records.record_page, name="record"),
    path("e/<noun:key>/<uuid:pk>/edit", records.record_edit, name="edit"),
    path("e/<noun:key>/<uuid:pk>/do/<doing:verb>", records.record_do, name="do"),
    path("do/<noun:key>/", records.action_page, name="action"),
    path("jobs/<uuid:pk>/", jobs.job_page, name="job"),
    path("jobs/<uuid:pk>/cancel", jobs.job_cancel_view, name="job-cancel"),
]
