"""Sheets of paper laid over an entity's fields: definition, rendering, submission."""
