"""The pages of the line."""
