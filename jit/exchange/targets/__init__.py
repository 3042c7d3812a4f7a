"""What a file can be imported into: any entity by its key, and the few that are more than one table."""
