"""Configuration: settings, addresses, the processes and the bootstrap."""
