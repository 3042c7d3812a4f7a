"""Time-phased multi-level pull."""
