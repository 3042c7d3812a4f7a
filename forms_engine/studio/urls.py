"""Addresses of the studio."""

from django.urls import path

from forms_engine.core import addresses  # noqa: F401  (registers the key converter)
from forms_engine.studio.views import definitions, list_columns, nouns, people, roles

app_name = "studio"
urlpatterns = [
    path("", nouns.index, name="index"),
    path("entities/", nouns.entity_list, name="entities"),
    path("entities/new/", nouns.entity_new, name="entity-new"),
    path("entities/<key:key>/", nouns.entity_page, name="entity"),
    path("entities/<key:key>/columns/", list_columns.columns_page, name="columns"),
    path("people/", people.people_list, name="people"),
    path("people/new/", people.person_new, name="person-new"),
    path("people/<uuid:pk>/", people.person_page, name="person"),
    path("roles/<slug:key>/", roles.role_page, name="role"),
    path("roles/<slug:key>/expert/", definitions.definition_page, {"kind": "roles"}, name="role-text"),
    path("<slug:kind>/", definitions.definition_list, name="definitions"),
    path("<slug:kind>/<slug:key>/", definitions.definition_page, name="definition"),
]
