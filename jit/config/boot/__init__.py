"""The bootstrap: standard library only, usable before anything is installed and without Django."""
