"""One shop-floor action a file."""
