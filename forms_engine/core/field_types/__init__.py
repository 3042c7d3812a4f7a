"""Field types that need other records: reference, table, file."""
