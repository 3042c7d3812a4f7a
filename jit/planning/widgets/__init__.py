"""One planning window a file."""
