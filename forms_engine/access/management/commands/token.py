"""`manage.py token USER`: make an API token and print it once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_engine.access import services
from forms_engine.access.actor import Actor
from forms_engine.access.selectors import user_list
from forms_engine.kernel import clock


class Command(BaseCommand):
    help = "Make an API token for a user and print it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("--name", default="", help="what the token is for")
        parser.add_argument("--scope", action="append", default=[], help="e.g. read, supply.calloff.*")
        parser.add_argument("--days", type=int, default=0, help="valid for so many days (default: no end)")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_list().filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {options['user']}.")
        expires = clock.real_now() + dt.timedelta(days=options["days"]) if options["days"] else None
        _, secret = services.token_create(
            actor=Actor.system("manage.py token"),
            user=user,
            name=options["name"],
            scopes=options["scope"],
            expires_at=expires,
        )
        self.stdout.write(secret)
