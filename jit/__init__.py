"""The just-in-time supply and production domain."""
