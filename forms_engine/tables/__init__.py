"""Every entity is a real table: run-time models and online DDL."""
