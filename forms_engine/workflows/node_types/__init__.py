"""One node type a file; pure."""
