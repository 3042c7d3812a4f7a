"""Rows → columns, one file a kind of table; `snapshot.py` puts them together."""
