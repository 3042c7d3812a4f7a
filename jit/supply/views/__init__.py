"""The pages of the dock."""
