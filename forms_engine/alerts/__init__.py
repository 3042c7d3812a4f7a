"""A watch with a life: open, acknowledged, resolved."""
