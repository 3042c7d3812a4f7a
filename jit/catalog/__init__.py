"""What the plant is made of: items, BOMs, suppliers, places, calendars."""
