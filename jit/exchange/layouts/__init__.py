"""Folders of files as other systems write them, turned into rows of our own entities. Pure."""
