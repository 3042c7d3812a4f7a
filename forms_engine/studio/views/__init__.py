"""Admin pages: plain for now, but complete: no code, no restart."""
