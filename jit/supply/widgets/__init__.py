"""One supply window a file."""
