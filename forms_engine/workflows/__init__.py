"""Flows: an order of verbs and waits."""
