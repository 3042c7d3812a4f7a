"""Voices: how a message reaches a person."""
