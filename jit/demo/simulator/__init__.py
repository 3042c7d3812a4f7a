"""Suppliers, drivers and operators who act through the public API."""
