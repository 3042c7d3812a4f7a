"""A general no-code engine: entities, forms, flows. It knows nothing of JIT."""
