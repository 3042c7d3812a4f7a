"""One alert type a file."""
