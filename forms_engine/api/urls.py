"""Addresses of the API. Every one goes through `requests.endpoint` or DRF with authentication."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from forms_engine.api.docs import docs_page, schema_view
from forms_engine.api.views import people, plant, records
from forms_engine.core import addresses  # noqa: F401  (registers the key and verb converters)

router = SimpleRouter()
router.register("users", people.UserViewSet, basename="admin-user")
router.register("roles", people.RoleViewSet, basename="admin-role")
router.register("grants", people.GrantViewSet, basename="admin-grant")

v1 = [
    path("", plant.index, name="index"),
    path("search", plant.search, name="search"),
    path("jobs/<uuid:pk>/", plant.job, name="job"),
    path("files/", plant.upload, name="upload"),
    path("files/<uuid:pk>/", plant.download, name="download"),
    path("schema/", plant.define, name="define"),
    path("schema/<key:key>/", plant.schema, name="entity-schema"),
    path("admin/", include(router.urls)),
    path("do/<key:key>/", records.do, name="do"),
    path("<key:key>/", records.list_or_create, name="records"),
    path("<key:key>/lookup/", records.choose, name="lookup"),
    path("<key:key>/<uuid:pk>/", records.read_or_change, name="record"),
    path("<key:key>/<uuid:pk>/history/", records.history, name="history"),
    path("<key:key>/<uuid:pk>/<verb:verb>/", records.act, name="act"),
]

app_name = "api"
urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", schema_view, name="openapi"),
    path("docs/", docs_page, name="docs"),
]
