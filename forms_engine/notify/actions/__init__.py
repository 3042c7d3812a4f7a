"""One file a verb; base.discovery imports them all."""
