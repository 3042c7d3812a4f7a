"""Where the socket is."""

from __future__ import annotations

from django.urls import path

from forms_engine.live.consumers import LiveConsumer

websocket_urlpatterns = [path("ws/", LiveConsumer.as_asgi())]
