"""Every answer of the site: request id in the logs, own host names only, strict content security policy."""

import ipaddress
import re
import secrets
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.request import split_domain_port, validate_host
from django.utils.functional import SimpleLazyObject

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
View = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Give the request an id (`request.id`, header X-Request-ID), the caller's own when it is a sane one."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)
        response = self.get_response(request)
        response["X-Request-ID"] = request.id
        return response


class OwnHostMiddleware:
    """Outside production, refuse a host name that is not of this machine (DNS rebinding).

    An address is always answered: no page of a stranger has one as its origin. Production has exact
    ALLOWED_HOSTS and leaves OWN_HOSTS empty.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.OWN_HOSTS and not host_is_own(request.get_host()):
            here = f"http://127.0.0.1:{settings.WEB_PORT}/"
            words = f"此处不使用该主机名，请改用 {here}，或在 TAKT_HOSTS 中登记。\n"
            words += f"Takt does not answer to this host name: open {here} or name it in TAKT_HOSTS.\n"
            return HttpResponseBadRequest(words, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


def host_is_own(host: str) -> bool:
    """Tell whether a Host header is an address or one of OWN_HOSTS."""
    domain, _port = split_domain_port(host)
    try:
        ipaddress.ip_address(domain.strip("[]"))
    except ValueError:
        return validate_host(domain, settings.OWN_HOSTS)
    return True


class ContentSecurityPolicyMiddleware:
    """Send the policy; a page that prints `{{ request.csp_nonce }}` gets a fresh nonce.

    A view may set `response.csp_extra = {"connect-src": "..."}` for what only its page needs.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.csp_nonce = SimpleLazyObject(lambda: secrets.token_urlsafe(16))
        response = self.get_response(request)
        if "Content-Security-Policy" not in response:
            response["Content-Security-Policy"] = policy(request, getattr(response, "csp_extra", {}))
        response.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
        )
        if request.path.startswith(settings.STATIC_URL):
            return response
        response.setdefault("Cache-Control", "private, no-store")
        return response


def policy(request: HttpRequest, extra: dict[str, str]) -> str:
    """Return the policy of one answer; the live port is the only other address a page may talk to."""
    nonce = f"'nonce-{request.csp_nonce}'"
    live = settings.LIVE_URL or f"{request.get_host().rsplit(':', 1)[0]}:{settings.LIVE_PORT}"
    live = live if "://" in live else f"ws://{live} wss://{live}"
    rules = {
        "default-src": "'none'",
        "script-src": f"{nonce} 'strict-dynamic' 'wasm-unsafe-eval'",
        "style-src": f"'self' {nonce}",
        "style-src-attr": "'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "media-src": "'self' blob:",
        "connect-src": f"'self' {live}",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "frame-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
    }
    for name, value in extra.items():
        rules[name] = f"{rules.get(name, '')} {value}".strip()
    return "; ".join(f"{name} {value}" for name, value in rules.items())
