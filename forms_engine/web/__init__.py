"""The pages of the engine: log-in, lists, records, forms, inbox."""
