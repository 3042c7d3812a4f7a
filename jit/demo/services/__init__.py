"""What the demo does to the plant as a whole."""
