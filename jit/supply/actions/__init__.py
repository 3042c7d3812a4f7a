"""One supply action a file."""
