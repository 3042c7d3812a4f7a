"""Ports, addresses and speeds that cannot be: one sentence with the mend in both languages, exit not 0."""

import socket

import pytest

from jit.config.boot import demo, ports
from jit.config.boot.messages import CannotStart


@pytest.mark.parametrize(
    ("flag", "text"),
    [("--port", text) for text in ("0", "-5", "80000", "abc", "１２", "9" * 5000)]
    + [("--speed", text) for text in ("0", "-1", "abc", "nan", "inf", "1e9")],
)
def test_a_flag_out_of_range_says_what_to_write(flag, text, capsys):
    with pytest.raises(SystemExit) as end:
        demo.options([f"{flag}={text}"])
    said = capsys.readouterr().err
    assert end.value.code and "请写" in said and "write a" in said


def test_an_address_of_another_machine_is_named():
    for host in ("203.0.113.9", "no.such.host.invalid"):
        with pytest.raises(CannotStart, match=host) as refusal:
            ports.choose(host, None)
        assert "--host" in refusal.value.chinese


def test_an_occupied_port_names_a_free_one():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(CannotStart, match="occupied"):
            ports.choose("127.0.0.1", other.getsockname()[1])


@pytest.mark.parametrize("value", ["abc", "", "0", "70000", "１２", "9" * 5000])
def test_a_variable_that_is_no_port_is_named(value):
    with pytest.raises(CannotStart, match="TAKT_LIVE_PORT"):
        ports.ports_check({"TAKT_WEB_PORT": "20080", "TAKT_LIVE_PORT": value})
    ports.ports_check({"TAKT_WEB_PORT": "20080"})
