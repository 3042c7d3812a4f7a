"""A tiny site of sample pages for the elements: the real templates, style sheets and scripts, no database.

What the pages post is kept in `posts`; `/slow` answers take `slowness` seconds.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from socketserver import ThreadingMixIn
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation

from forms_engine.web.middleware import policy
from forms_engine.web.styleguide import styleguide_context

PAGES = Path(__file__).parent / "pages"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".wasm": "application/wasm"}


class QuietHandler(WSGIRequestHandler):
    """Answer without a line on the console for every file."""

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class ThreadedServer(ThreadingMixIn, WSGIServer):
    """One thread a request, as browsers open several connections."""

    daemon_threads = True
    request_queue_size = 64


class SampleSite:
    """Serves the style guide at `/` and each file of `pages/` at `/<name>`."""

    def __init__(self) -> None:
        self.posts: list[dict[str, str]] = []
        self.reads: list[str] = []
        self.slowness = 0.0
        self.live_url = ""
        self.server = make_server("127.0.0.1", 0, self.answer, ThreadedServer, QuietHandler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()

    def answer(self, environ: dict, start: Callable) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        path = environ["PATH_INFO"]
        if path.startswith("/static/"):
            file = settings.ROOT / path.lstrip("/")
            if ".." in path or not file.is_file():
                return respond(start, "404 Not Found", b"")
            kind = KINDS.get(file.suffix, "application/octet-stream")
            return respond(start, "200 OK", file.read_bytes(), ("Content-Type", kind))
        if environ["REQUEST_METHOD"] == "POST":
            return self.take(environ, start)
        if path == "/api/v1/search":
            found = YOKES if "q=y-200" in environ["QUERY_STRING"] else SEARCH
            return respond(start, "200 OK", found, ("Content-Type", "application/json"))
        if path.startswith("/part/"):
            self.reads.append(path)
            return respond(start, "200 OK", part(path).encode())
        return self.page(environ, start)

    def take(self, environ: dict, start: Callable) -> Iterable[bytes]:
        """Keep what was posted and say so as a scan answer."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        self.posts.append({"path": environ["PATH_INFO"], **dict(parse_qsl(body, keep_blank_values=True))})
        code = self.posts[-1].get("code", "")
        time.sleep(self.slowness)
        if code.startswith("BAD"):
            said = '{"scan-result": {"tone": "short", "text": "unknown label"}}'
        else:
            said = '{"scan-result": {"tone": "ok", "text": "received"}}'
        return respond(start, "200 OK", b"<p>done</p>", ("HX-Trigger", said))

    def page(self, environ: dict, start: Callable) -> Iterable[bytes]:
        """Draw a page as a view would, under the real policy."""
        request = HttpRequest()
        request.META = {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": str(self.server.server_port)}
        request.path = environ["PATH_INFO"]
        request.GET = QueryDict(environ.get("QUERY_STRING", ""))
        request.csp_nonce, request.user = "sample", AnonymousUser()
        name = request.path.strip("/")
        language = "en" if environ.get("HTTP_ACCEPT_LANGUAGE", "").startswith("en") else "zh-hans"
        with translation.override(language):
            context = {**styleguide_context(), "frame": self.frame(), "cells": range(100), "rows": range(100)}
            if name:
                source = (PAGES / f"{name}.html").read_text()
                html = engines["django"].from_string(source).render(context, request)
            else:
                html = render_to_string("web/styleguide.html", context, request)
        rules = re.sub(r"connect-src [^;]+", f"connect-src 'self' {self.live_url}", policy(request, {}))
        return respond(start, "200 OK", html.encode(), ("Content-Security-Policy", rules))

    def frame(self) -> dict[str, object]:
        """Return the frame's menu as the context processor of the real site would."""
        items = [
            {"label": "Call-offs", "url": "/?calloffs", "icon": "truck-delivery", "badge": 2, "active": True},
            {"label": "Board", "url": "/?board", "icon": "layout-kanban"},
            {"label": "Dock", "url": "/?dock", "icon": "scan"},
        ]
        menu = [{"label": "Work", "items": items}]
        return {"menu": menu, "bottom": items, "live_url": self.live_url, "theme": "auto"}


SEARCH = b'{"results": [{"id": "7", "label": "Bracket X", "code": "X-100", "url": "/?x100"}]}'
YOKES = (
    b'{"results": [{"id": "8", "label": "Long yoke", "code": "Y-2000"}, '
    b'{"id": "9", "label": "Yoke", "code": "Y-200"}]}'
)


def part(path: str) -> str:
    """Return the fragment read again after a change, or the one shown in the drawer."""
    if path == "/part/peg":
        return '<div data-drawer-title="X-100 09:00" data-drawer-url="/full"><a href="#peg">peg</a></div>'
    return (
        f'<p id="cover" data-topic="board:cover" hx-get="{path}" hx-trigger="refresh" '
        'hx-swap="outerHTML">read again</p>'
    )


def respond(start: Callable, status: str, body: bytes, *headers: tuple[str, str]) -> list[bytes]:
    """Send an answer; HTML unless a header says otherwise."""
    names = {name for name, _ in headers}
    kind = [] if "Content-Type" in names else [("Content-Type", "text/html; charset=utf-8")]
    start(status, [*kind, *headers, ("Content-Length", str(len(body))), ("Cache-Control", "no-store")])
    return [body]
