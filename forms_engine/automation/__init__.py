"""Rules: event, condition, actions."""
