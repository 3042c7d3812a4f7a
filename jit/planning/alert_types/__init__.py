"""One planning watch a file."""
