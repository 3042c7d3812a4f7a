"""One flow action a file."""
