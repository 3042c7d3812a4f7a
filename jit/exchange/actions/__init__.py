"""One exchange action a file."""
