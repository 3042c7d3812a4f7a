"""One engine action a file."""
