"""One form action a file."""
