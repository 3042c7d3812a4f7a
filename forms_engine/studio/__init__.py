"""Admin pages: entities, fields, forms, flows, roles."""
