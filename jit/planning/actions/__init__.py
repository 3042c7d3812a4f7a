"""One planning action a file."""
