"""Tell browsers that something changed. The live room is above this one, so it registers itself here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from forms_engine.base import db

Push = Callable[[str], None]
_pushes: list[Push] = []


def push_through(push: Push) -> None:
    """Register who carries topics to browsers; called once by the live room when it starts."""
    if push not in _pushes:
        _pushes.append(push)


def push_on_commit(topics: Iterable[str]) -> None:
    """Push topics after the current transaction has committed; nothing if it rolls back."""
    listed = list(dict.fromkeys(topics))
    if not _pushes or not listed:
        return

    def send() -> None:
        for topic in listed:
            for push in _pushes:
                push(topic)

    db.on_commit(send)
