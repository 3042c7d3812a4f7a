"""Pure Python ground: errors, registry, schema, expressions, quantity, time."""
