"""A whole deterministic plant that lives through the public API."""
