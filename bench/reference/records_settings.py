"""The plant's settings, with the bare views beside its own addresses."""

from jit.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.reference.records_urls"
API_LIMIT = 10_000_000  # the limiter counts as always, it only never refuses
