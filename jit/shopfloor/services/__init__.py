"""Writing on the floor: work orders and reports."""
