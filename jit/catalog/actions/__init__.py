"""One catalogue action a file."""
