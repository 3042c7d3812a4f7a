"""Cumulative call-offs per dock window."""
