"""Pure numpy thoughts: arrays in, arrays out."""
