"""The promises of every channel: bounded in time, clear about retrying, silent about secrets."""

from __future__ import annotations

import contextlib
import logging
import socket
import time

import pytest

from forms_engine.fields.base import field_types
from forms_engine.notify.channel import Channel, ChannelBusy, ChannelRefused, Receipt, channels

SECRET = "s3cr3t-Pa55word"
KEYS = [channel.key for channel in channels]


@pytest.fixture
def silent_server():
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:  # the kernel accepts, nobody reads
        yield server.getsockname()[1]


@pytest.fixture(params=KEYS)
def channel(request) -> Channel:
    """Each channel there is."""
    return channels.get(request.param)


def use_smtp(settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "takt", SECRET


def test_a_channel_says_what_it_is(channel):
    assert channel.label.en and channel.label.zh and channel.icon
    assert 0 < channel.timeout_seconds <= 30
    for spec in channel.options:
        field_types.get(spec.type)


def test_a_message_is_carried(channel):
    assert isinstance(channel.send(channel.example()), Receipt)


def test_the_same_message_twice_bears_the_same_reference(channel):
    message = channel.example()
    assert channel.send(message).reference == channel.send(message).reference


def test_a_silent_other_side_ends_in_time_and_is_worth_another_try(
    channel, settings, silent_server, monkeypatch
):
    use_smtp(settings, silent_server)
    monkeypatch.setattr(type(channel), "timeout_seconds", 0.3)
    start = time.monotonic()
    with contextlib.suppress(ChannelBusy):
        channel.send(channel.example())
    assert time.monotonic() - start < 5


def test_a_failure_tells_no_secret(channel, settings, caplog, capfd):
    use_smtp(settings, 1)  # nobody listens there
    caplog.set_level(logging.DEBUG)
    words = ""
    try:
        channel.send(channel.example())
    except (ChannelBusy, ChannelRefused) as error:
        words = error.in_language("en") + error.in_language("zh") + repr(error.params)
    assert SECRET not in words + caplog.text + "".join(capfd.readouterr())


def test_mail_that_nobody_takes_is_worth_another_try(settings):
    use_smtp(settings, 1)
    with pytest.raises(ChannelBusy):
        channels.get("email").send(channels.get("email").example())
