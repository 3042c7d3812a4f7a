"""REST over the same door and the same query."""
