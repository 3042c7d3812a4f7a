"""Invoices and statements (a later issue)."""
