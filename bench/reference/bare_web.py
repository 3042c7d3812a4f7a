"""The least a Django process can be: our settings set up, an answer, nothing else."""

import django

django.setup()


def application(environ, start):
    """Answer every address alike (WSGI)."""
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
