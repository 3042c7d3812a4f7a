"""Whoever changes a password, wherever: the API tokens of the person end with it."""

from __future__ import annotations

from forms_engine.access.actor import Actor
from forms_engine.access.models import User
from forms_engine.access.services.rights import tokens_end


class TokensEnd:
    """Stands among the password validators: Django tells those of every password that was saved.

    So the studio, `/me`, `manage.py changepassword` and the shell are one; a stronger hash of the same
    password, written at log-in, is no change. It has nothing against any password.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Refuse nothing."""

    def get_help_text(self) -> str:
        """Return nothing: it asks nothing of a password."""
        return ""

    def password_changed(self, password: str, user: User | None = None) -> None:
        """End the tokens of a person whose new password was saved a moment ago."""
        if user is not None:
            tokens_end(actor=Actor.system("password"), user=user)
