"""Loads on trucks and routes."""
