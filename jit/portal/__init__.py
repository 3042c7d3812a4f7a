"""The supplier's phone pages."""
