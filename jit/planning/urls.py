"""Addresses of planning."""

from django.urls import path

from jit.planning.views import board

app_name = "planning"
urlpatterns = [
    path("calls/", board.calls, name="calls"),
    path("calls/cell/", board.cell, name="cell"),
    path("live/", board.live, name="live"),
    path("exceptions/", board.exceptions, name="exceptions"),
]
