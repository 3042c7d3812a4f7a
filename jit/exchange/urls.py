"""Addresses of the import pages."""

from django.urls import path

from jit.exchange import views

app_name = "exchange"
urlpatterns = [
    path("", views.import_list, name="imports"),
    path("sample/<str:target>/", views.import_sample, name="sample"),
    path("folder/", views.folder_upload, name="folder-upload"),
    path("folder/<uuid:pk>/", views.folder_page, name="folder"),
    path("<uuid:pk>/", views.import_page, name="import"),
    path("<uuid:pk>/state/", views.import_state, name="state"),
    path("<uuid:pk>/columns/", views.import_columns_save, name="columns"),
    path("<uuid:pk>/result/", views.import_result, name="result"),
    path("<uuid:pk>/<str:verb>/", views.import_do, name="do"),
]
