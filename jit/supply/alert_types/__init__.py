"""One supply watch a file."""
