"""Whose pages may open the socket: cookies travel with every socket, so the page's origin is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from channels.security.websocket import WebsocketDenier

DIRECT_SEND = "takt.send"  # the server's own send: frames need none of the middleware on the way out
DEFAULT_PORTS = {"http": 80, "https": 443}


class OriginGuard:
    """Lets in pages of the allowed origins, e.g. `https://plant.example` or `http://*:20080`.

    A host of `*` stands for the host name the socket itself was asked for: the demo does not know under which
    name it is reached, but page and socket share it. Without an origin nobody comes in.
    """

    def __init__(self, application: Any, allowed: Sequence[str]) -> None:
        self._application = application
        self._allowed = [urlsplit(origin.lower()) for origin in allowed]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = {name.lower(): value.decode("latin1") for name, value in scope.get("headers", ())}
        if not self.allows(headers.get(b"origin", ""), headers.get(b"host", "")):
            return await WebsocketDenier()(scope, receive, send)
        return await self._application({**scope, DIRECT_SEND: send}, receive, send)

    def allows(self, origin: str, host: str) -> bool:
        """Tell whether a page of this origin may open a socket at this Host."""
        try:
            page, own = urlsplit(origin.lower()), urlsplit(f"//{host.lower()}").hostname
            return any(_matches(page, pattern, own) for pattern in self._allowed)
        except ValueError:
            return False


def _matches(page: SplitResult, pattern: SplitResult, own_host: str | None) -> bool:
    wanted = own_host if pattern.hostname == "*" else pattern.hostname
    return (
        page.hostname is not None
        and page.hostname == wanted
        and page.scheme == pattern.scheme
        and _port(page) == _port(pattern)
    )


def _port(origin: SplitResult) -> int | None:
    return origin.port or DEFAULT_PORTS.get(origin.scheme)
