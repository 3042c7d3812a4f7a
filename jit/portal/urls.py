"""Addresses of the portal; the same under `/portal/` (log-in) and `/s/<secret>/` (signed link)."""

from django.urls import path

from jit.portal.views import link, ship, shipments, today

urlpatterns = [
    path("", today.today, name="today"),
    path("seen", today.seen, name="seen"),
    path("confirm-all", today.confirm_all, name="confirm-all"),
    path("calloffs/<uuid:pk>/", today.card, name="card"),
    path("calloffs/<uuid:pk>/<slug:verb>", today.calloff, name="calloff"),
    path("ship/", ship.ship, name="ship"),
    path("shipments/", shipments.shipment_list, name="shipments"),
    path("shipments/<uuid:pk>/", shipments.shipment, name="shipment"),
    path("shipments/<uuid:pk>/labels.pdf", shipments.labels, name="labels"),
    path("shipments/<uuid:pk>/depart", shipments.depart, name="depart"),
    path("shipments/<uuid:pk>/cancel", shipments.cancel, name="cancel"),
    path("language", link.language, name="language"),
]
