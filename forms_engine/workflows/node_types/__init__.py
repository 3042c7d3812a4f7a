"""One file a node type; each registers itself and is found by being here."""
