"""The append-only ledger and its balances."""
