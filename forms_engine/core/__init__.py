"""Entities, actions, the one door for writes, the one query compiler."""
