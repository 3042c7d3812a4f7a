"""Dock doors and slots."""
