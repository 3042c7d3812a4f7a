"""One demo action a file."""
