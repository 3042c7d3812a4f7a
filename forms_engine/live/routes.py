"""The socket addresses of the site; `jit.config.asgi` serves them to pages of our own origin only."""

from django.urls import URLPattern

websocket_urlpatterns: list[URLPattern] = []
