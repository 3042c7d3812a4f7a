"""The contract of a channel: one file in `notify/channels/` that can carry a message to a person."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from forms_engine.kernel.errors import MesError
from forms_engine.kernel.registry import Registry
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@dataclass(frozen=True)
class Message:
    """What a channel carries to one person, in that person's language.

    Args:
        key: stable name of the doing; the same key to the same person by the same channel is the same
        message. address: what `Channel.address` returned. link: absolute URL of the page to open, "" =
        none.
    """

    key: str
    recipient_id: uuid.UUID
    name: str
    address: str
    language: str
    title: str
    body: str
    link: str


@dataclass(frozen=True)
class Receipt:
    """What the other side answered: its own reference for the message, if it gives one."""

    reference: str = ""


class ChannelBusy(MesError):
    """Could not be carried now: time-out, refused connection, quota. Tried again later."""

    code = "notify.channel_busy"
    status = 503


class ChannelRefused(MesError):
    """Will never be carried like this: no such address, malformed. Not tried again."""

    code = "notify.channel_refused"


class Channel:
    """Base of every channel.

    Attributes:
        key: the file's name; preferences and deliveries are noted under it.
        options: settings of an installation; secrets among them never reach a log or an error text.
        timeout_seconds: how long one `send` may take at most.
    """

    key = ""
    label = Text("")
    icon = "bell"
    options = Schema(())
    timeout_seconds = 10.0

    def address(self, user: Any) -> str | None:
        """Return where this person is reached, None = not by this channel."""
        raise NotImplementedError(self.key)

    def send(self, message: Message) -> Receipt:
        """Carry one message; called outside any transaction, possibly more than once for one message.

        Raises:
            ChannelBusy: worth another try.
            ChannelRefused: never going to work.
        """
        raise NotImplementedError(self.key)

    def example(self) -> Message:
        """Return a message for tests and for the designer's "send me a test"."""
        return Message(
            key="example",
            recipient_id=uuid.UUID(int=7),
            name="王五",
            address="wang.wu@plant.example",
            language="zh-hans",
            title="要货单 CO-1 已发布",
            body="10:00 前送达 3 号门。",
            link="http://localhost/e/supply.calloff/",
        )


channels: Registry[Channel] = Registry("channel", folder="channels")
register = channels.register
