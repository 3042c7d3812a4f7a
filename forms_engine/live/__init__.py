"""Push (topic, version) to browsers after commit, never data."""
