"""Settings, urls, servers' entry points, Celery."""
