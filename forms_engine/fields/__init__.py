"""What a field is: the contract, cleaning along a schema, filters."""
