"""The pull run: requirements, lots, call-offs and exceptions to the minute. Public door: `run.plan`."""
