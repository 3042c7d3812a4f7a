"""Agreements, call-offs, shipments, receipts."""
