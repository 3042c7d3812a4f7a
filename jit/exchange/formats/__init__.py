"""Pure codecs, one a file."""
