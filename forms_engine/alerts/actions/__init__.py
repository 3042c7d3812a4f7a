"""One alert action a file."""
