"""The API's edges; no rules inside."""
