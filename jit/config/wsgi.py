"""Pages and API: granian serves this."""

import os

from django.core.wsgi import get_wsgi_application

from jit.config.checks import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jit.config.settings")

application = get_wsgi_application()
refuse_unsafe_start()
