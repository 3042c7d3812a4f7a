"""Work orders and reports."""
