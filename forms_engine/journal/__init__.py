"""What happened: row changes, reasons, outbox, subscriptions."""
