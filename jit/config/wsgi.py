"""Pages and API: granian serves this."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jit.config.settings")

application = get_wsgi_application()
