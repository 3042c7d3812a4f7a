"""A voice for everything that must reach a person: in the application, by mail, and by channels to come."""
