"""Addresses of planning."""

from django.urls import path

from jit.planning.views import board, orders, pegs

app_name = "planning"
urlpatterns = [
    path("calls/", board.calls, name="calls"),
    path("calls/cell/", board.cell, name="cell"),
    path("live/", board.live, name="live"),
    path("pegs/<uuid:record_id>.json", pegs.pegs, name="pegs"),
    path("orders/", orders.orders, name="orders"),
    path("orders.json", orders.orders_json, name="orders-json"),
    path("exceptions/", board.exceptions, name="exceptions"),
]
