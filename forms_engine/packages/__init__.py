"""A box of definitions as files: read, check, install, export."""
