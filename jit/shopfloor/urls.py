"""Addresses of the line."""

from django.urls import path

from jit.shopfloor.views import line

app_name = "line"
urlpatterns = [
    path("", line.page, name="page"),
    path("list", line.orders, name="orders"),
    path("scan", line.scan, name="scan"),
    path("<uuid:pk>/", line.order, name="order"),
    path("<uuid:pk>/facts", line.facts, name="facts"),
    path("<uuid:pk>/report", line.report, name="report"),
    path("<uuid:pk>/do/<slug:verb>", line.do, name="do"),
    path("<uuid:pk>/reverse/<uuid:report_id>", line.reverse_report, name="reverse"),
    path("<uuid:pk>/card", line.card, name="card"),
]
