"""Secrets for tokens and links: 256 random bits with a prefix people recognise; only the SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "takt_"  # noqa: S105 - the visible part, no secret
LINK_PREFIX = "tl_"


def secret_make(prefix: str) -> str:
    """Return a fresh secret: the prefix and 43 URL-safe characters."""
    return prefix + secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """Return the 32 bytes that are stored instead of the secret."""
    return hashlib.sha256(secret.encode()).digest()


def hint_of(secret: str) -> str:
    """Return the few characters shown in lists so that a person can tell two secrets apart."""
    return secret[:10] + "…"
