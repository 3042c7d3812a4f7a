"""The WebSocket and nothing else: uvicorn serves this. Pages go through wsgi.py, ten times cheaper."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.utils.module_loading import import_string

from forms_engine.live.origins import OriginGuard
from jit.config.checks import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jit.config.settings")

get_asgi_application()  # sets Django up, which the import of any consumer needs; pages are not routed here
refuse_unsafe_start()
routes = import_string("forms_engine.live.routes.websocket_urlpatterns")
application = ProtocolTypeRouter(
    {"websocket": OriginGuard(AuthMiddlewareStack(URLRouter(routes)), settings.LIVE_ORIGINS)}
)
