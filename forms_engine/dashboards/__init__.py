"""Windows to read through."""
