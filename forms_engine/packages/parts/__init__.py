"""What a package may hold: one kind a file, each able to read what stands now and to write what is wanted."""
