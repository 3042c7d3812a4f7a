"""Addresses of the dock."""

from django.urls import path

from jit.supply.views import dock

app_name = "dock"
urlpatterns = [
    path("", dock.page, name="page"),
    path("lists", dock.lists, name="lists"),
    path("scan", dock.scan, name="scan"),
    path("commands", dock.commands, name="commands"),
    path("<uuid:pk>/", dock.shipment, name="shipment"),
    path("<uuid:pk>/receive", dock.receive, name="receive"),
    path("<uuid:pk>/arrive", dock.arrive, name="arrive"),
    path("lines/<uuid:pk>/block", dock.block, name="block"),
]
