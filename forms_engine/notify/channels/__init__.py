"""One file a channel; base.discovery imports them all."""
