"""One field type a file."""
