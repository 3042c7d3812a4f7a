"""Which port to listen on: the wished one, else the next free between 20000 and 29999."""

import socket
from collections.abc import Mapping

from jit.config.boot.messages import CannotStart

FIRST, LAST = 20080, 29999
LOWEST = 20000


def is_free(host: str, port: int) -> bool:
    """Tell whether a server of ours could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def ports_check(environment: Mapping[str, str]) -> None:
    """Refuse a variable for a port that is no port. Raises: CannotStart."""
    for name in ("TAKT_WEB_PORT", "TAKT_LIVE_PORT", "TAKT_SMTP_PORT"):
        value = environment.get(name, "1")
        if not (value.isascii() and value.isdecimal() and len(value) < 6 and 0 < int(value) < 65536):
            raise CannotStart(
                f"{name} 应为 1 到 65535 的端口号，现在是“{value}”。请改正，或删除该变量。",
                f"{name} must be a port from 1 to 65535 and is {value!r}. Correct it, or unset it.",
            )


def host_check(host: str) -> None:
    """Refuse an address this machine cannot listen on. Raises: CannotStart."""
    if not is_free(host, 0):
        raise CannotStart(
            f"本机没有地址 {host}。请用 --host 0.0.0.0（局域网手机可访问），或不写 --host。",
            f"This machine has no address {host}. Use --host 0.0.0.0 or leave --host out.",
        )


def choose(host: str, wished: int | None, taken: frozenset[int] = frozenset()) -> int:
    """Return a port to listen on: the wished one if it is free, or the first free one when none is wished.

    Raises:
        CannotStart: the address is none of this machine, the wished port is occupied, or (practically
            never) all are.
    """
    host_check(host)
    if wished is not None:
        if is_free(host, wished):
            return wished
        other = next_free(host, wished, taken)
        raise CannotStart(
            f"端口 {wished} 已被占用。请换一个：--port {other}，或不写 --port 由程序自己选。",
            f"Port {wished} is occupied. Take another: --port {other}, or leave --port out.",
        )
    return next_free(host, FIRST - 1, taken)


def next_free(host: str, after: int, taken: frozenset[int] = frozenset()) -> int:
    """Return the first free port above one, staying inside 20000-29999."""
    start = after + 1 if LOWEST <= after < LAST else FIRST
    for port in [*range(start, LAST + 1), *range(LOWEST, start)]:
        if port not in taken and is_free(host, port):
            return port
    raise CannotStart("20000–29999 之间没有空闲端口。", "There is no free port between 20000 and 29999.")
