"""Writes of this room: imports, folders of files, inbound loads."""
